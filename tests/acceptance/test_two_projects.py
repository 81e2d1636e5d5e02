"""Two projects in one database: each sees, rolls back and drops only its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from tests.support.command import SLOW, rows, run, start, write_migration, write_project

pytestmark = pytest.mark.acceptance

MODELS = """
from sqlalchemy import Integer
from sqlalchemy.orm import DeclarativeBase, mapped_column

class Base(DeclarativeBase): pass

class T(Base):
    __tablename__ = "{table}"
    id = mapped_column(Integer, primary_key=True)
    amount = mapped_column(Integer)
"""


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Path:
    """The first project, with its table."""
    return _project(tmp_path / "shop", database_url, "shop", "orders")


@pytest.fixture
def billing(tmp_path: Path, database_url: str, shop: Path) -> Path:
    """The second one."""
    return _project(tmp_path / "billing", database_url, "billing", "invoices")


def _project(folder: Path, url: str, name: str, table: str, **settings: object) -> Path:
    write_project(folder, url, name, **settings)
    (folder / "models.py").write_text(MODELS.format(table=table))
    run(folder, "make-migrations", f"create {table}")
    run(folder, "migrate")
    return folder


def _tables(url: str) -> set[str]:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        **dict.fromkeys(("mysql", "mariadb"), "SHOW TABLES"),
    }[url.partition(":")[0]]
    return {str(name) for (name,) in rows(url, sql)}


def test_each_sees_only_its_own(shop: Path, billing: Path) -> None:
    """The same version in both, and neither is edited, missing or out of order."""
    shown = run(shop, "status")
    assert "Database shop: 1 applied, 0 pending\n" in shown
    assert "Also in this database: 1 migration of the project 'billing'." in shown
    assert "invoices" not in shown
    assert "0001_create_orders.sql" not in run(billing, "history")
    assert "Also in this database: 1 migration of the project 'shop'." in run(billing, "history")
    report = json.loads(run(shop, "status", "--json"))
    assert report["other_projects"] == [{"database_name": "billing", "migrations": 1}]
    assert json.loads(run(shop, "history", "--json"))["other_projects"] == report["other_projects"]
    assert "up to date (1 applied)" in run(shop, "migrate")


def test_each_rolls_back_only_its_own(shop: Path, billing: Path, database_url: str) -> None:
    run(shop, "rollback")
    assert {"invoices"} == _tables(database_url) & {"orders", "invoices"}
    assert "Nothing to roll back" in run(shop, "rollback", code=1)
    assert "Database billing: 1 applied, 0 pending\n" in run(billing, "status")
    assert "the history (nothing in effect) of the project 'shop'" in run(billing, "status")
    run(shop, "migrate")
    run(billing, "downgrade", "--to", "0")
    assert {"orders"} == _tables(database_url) & {"orders", "invoices"}


def test_each_drops_only_its_own(shop: Path, billing: Path, database_url: str) -> None:
    for _ in ("", "--drop-unowned"):
        shown = run(shop, "make-migrations", "again")
        assert "Nothing to do" in shown
        assert "Left alone, as another project made it: table invoices (the project 'billing')" in shown
        assert "do not describe" not in shown
    (shop / "models.py").write_text(MODELS.format(table="returns"))
    run(shop, "make-migrations", "something else", "--drop-table", "orders")
    [path] = (shop / "migrations" / "shop").glob("0002_*.sql")
    assert "orders" in path.read_text() and "invoices" not in path.read_text()
    run(shop, "migrate", "--force")
    assert {"invoices"} == _tables(database_url) & {"orders", "invoices"}


def test_a_table_of_theirs_is_not_renamed_to_ours(shop: Path, billing: Path, database_url: str) -> None:
    (shop / "models.py").write_text(MODELS.format(table="orders") + MODELS.format(table="invoice").replace("T(", "I("))
    shown = run(shop, "make-migrations", "one more")
    assert "--rename-table" not in shown
    assert "invoices" not in (shop / "migrations" / "shop" / "0002_one_more.sql").read_text()


def test_what_they_created_cannot_be_told(shop: Path, billing: Path, database_url: str) -> None:
    """Without a stored rollback nothing says which tables are theirs."""
    folder = billing / "migrations" / "billing"
    (folder / "0002_log.sql").write_text("-- irreversible: a log\n-- upgrade\nCREATE TABLE log (n INTEGER);\n")
    run(billing, "migrate")
    refused = run(shop, "make-migrations", "again", "--drop-unowned", code=5)
    assert "0002_log.sql" in refused and "'billing'" in refused
    assert "table log" in run(shop, "make-migrations", "again")


def test_each_has_its_own_lock(shop: Path, billing: Path, database_url: str) -> None:
    """Two projects may migrate at the same time (SQLite: as far as its one writer at a time allows)."""
    name = "postgresql" if database_url.startswith("postgresql") else "sqlite"
    if name == "sqlite":
        with connect(database_url) as conn:
            conn.execute("UPDATE dbwarden_lock SET locked = TRUE, token = 'x' WHERE database_name = 'billing'")
        write_migration(shop / "migrations" / "shop", "0002_more", "CREATE TABLE more (n INTEGER);")
        run(shop, "migrate", "--lock-wait", "0")
        assert "INACTIVE" in run(shop, "lock-status") and ": ACTIVE" in run(billing, "lock-status")
    else:
        write_migration(billing / "migrations" / "billing", "0002_slow", SLOW[name] + "\nSELECT 1;")
        running = start(billing, "migrate", "--verbose")
        assert running.stdout is not None
        assert any("1/2" in line for line in running.stdout)
        write_migration(shop / "migrations" / "shop", "0002_more", "CREATE TABLE more (n INTEGER);")
        run(shop, "migrate", "--lock-wait", "0")
        assert "INACTIVE" in run(shop, "lock-status")
        assert "Liveness:  alive" in run(billing, "lock-status")
        running.terminate()
        running.communicate(timeout=20)
    assert sorted(rows(database_url, "SELECT id, database_name FROM dbwarden_lock")) == [(1, "shop"), (2, "billing")]


def test_the_seeds_manual_release_frees_everybody(shop: Path, billing: Path, database_url: str) -> None:
    now = "NOW()" if database_url.startswith("postgresql") else "CURRENT_TIMESTAMP"
    with connect(database_url) as conn:
        conn.execute("UPDATE dbwarden_lock SET locked = TRUE, token = 'x'")
        assert ": ACTIVE" in run(shop, "lock-status") and ": ACTIVE" in run(billing, "lock-status")
        conn.execute(f"UPDATE dbwarden_lock SET locked = FALSE, release_at = {now}")
    assert "INACTIVE" in run(shop, "lock-status") and "INACTIVE" in run(billing, "lock-status")


def test_baseline_marks_only_our_own(shop: Path, tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "billing"
    write_migration(write_project(folder, database_url, "billing"), "0001_x", "CREATE TABLE orders (n INTEGER);")
    run(folder, "migrate", "--baseline")
    events = rows(database_url, "SELECT database_name, migration, event FROM dbwarden_migrations ORDER BY id")
    assert events == [("shop", "0001", "applied"), ("billing", "0001", "baselined")]


@pytest.mark.usefixtures("dump_programs")
def test_restore_counts_what_others_would_lose(shop: Path, billing: Path, database_url: str) -> None:
    write_migration(shop / "migrations" / "shop", "0002_more", "CREATE TABLE more (n INTEGER);")
    run(shop, "migrate", "--with-backup")
    [file] = (shop / "backups").iterdir()
    refused = run(shop, "restore", str(file), code=5)
    assert "2 migrations applied, 1 migration of the project 'billing'" in refused
    with connect(database_url) as conn:
        conn.execute("UPDATE dbwarden_lock SET locked = TRUE, token = 'x' WHERE database_name = 'billing'")
        assert "The migration lock is held" in run(shop, "restore", str(file), "--force", code=3)
        conn.execute("UPDATE dbwarden_lock SET locked = FALSE")
    run(shop, "restore", str(file), "--force")
    assert "Database billing: 1 applied" in run(billing, "status")
    assert "Database shop: 1 applied, 1 pending" in run(shop, "status")


# -- other names of the tables ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("dump_programs")
def test_a_history_of_another_name(tmp_path: Path, database_url: str) -> None:
    """Even two projects that call their database the same are apart then, and neither takes the other's tables for its own."""
    one = _project(tmp_path / "one", database_url, "primary", "orders", history_table="audit_migrations")
    other = _project(tmp_path / "other", database_url, "primary", "invoices")
    assert {f"audit_{name}" for name in ("migrations", "lock", "journal", "seeds")} <= _tables(database_url)
    assert "Database primary: 1 applied, 0 pending\n" in run(one, "status")
    assert "audit_migrations" in run(one, "check-db")
    for folder in (one, other):
        for flags in ([], ["--drop-unowned", "--plan"]):
            shown = run(folder, "make-migrations", "again", *flags)
            assert "audit_" not in shown and "dbwarden_" not in shown
    write_migration(one / "migrations" / "primary", "0002_more", "CREATE TABLE more (n INTEGER);", "DROP TABLE more;")
    run(one, "migrate", "--with-backup")
    run(one, "rollback")
    assert rows(database_url, "SELECT event FROM audit_migrations ORDER BY id") == [
        ("applied",),
        ("applied",),
        ("rolled_back",),
    ]
    assert len(rows(database_url, "SELECT 1 FROM dbwarden_migrations")) == 1


def test_a_history_in_a_schema_of_its_own(tmp_path: Path, postgresql_url: str) -> None:
    folder = _project(
        tmp_path / "one", postgresql_url, "primary", "orders", history_schema="user", history_table="order"
    )
    names = rows(postgresql_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'user'")
    assert sorted(str(name) for (name,) in names) == ["order", "order_journal", "order_lock", "order_seeds"]
    with connect(postgresql_url) as conn:
        conn.execute("CREATE TABLE log (n integer)")
    path = folder / "migrations" / "primary" / "0002_path.sql"
    path.write_text(
        "-- upgrade\nSET search_path = pg_catalog;\nCREATE INDEX CONCURRENTLY i ON public.log (n);\n"
        "\n-- rollback\nDROP INDEX public.i;\n"
    )
    run(folder, "migrate")
    assert "2 applied, 0 pending" in run(folder, "status")
    assert "INACTIVE" in run(folder, "lock-status")
    run(folder, "rollback", "--count", "2")
    assert "0 applied, 2 pending" in run(folder, "status")


@pytest.mark.parametrize(("key", "value"), [("history_table", "My Table"), ("history_schema", "x-y")])
def test_names_that_are_refused(tmp_path: Path, key: str, value: str) -> None:
    write_project(tmp_path, "postgresql://localhost/x", **{key: value})
    assert f"{key} of database 'primary' must be a name of a to z" in run(tmp_path, "status", code=2)


def test_sqlite_has_no_schemas(tmp_path: Path, sqlite_url: str) -> None:
    write_project(tmp_path, sqlite_url, history_schema="audit")
    assert "a database file has no schemas" in run(tmp_path, "status", code=2)
