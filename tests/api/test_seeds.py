"""Seeds on every engine: a history of their own, the lock and the journal of migrations, SQL and Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dbwarden
from dbwarden import MigrateOptions, SeedOptions
from dbwarden.api.connection import connect
from dbwarden.api.status import SeedCounts
from dbwarden.core.own_tables import LATER, SEEDS
from dbwarden.errors import (
    EditedSeed,
    Irreversible,
    MigrationFailed,
    NoSeedApplied,
    SeedDependency,
    SeedWithoutRollback,
    UnknownSeed,
    UnsafeSeed,
    UsageError,
)
from tests.servers import VENDORS
from tests.support.command import rows, run, write_migration, write_project

pytestmark = pytest.mark.parametrize("database_url", VENDORS, indirect=True)
TABLE = {
    "clickhouse": "CREATE TABLE users (id Int32, name String) ENGINE = MergeTree ORDER BY id;",
}
DELETE = "DELETE FROM users WHERE id IN (1, 2);"


@pytest.fixture
def seeds(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of seeds of a project whose database has a table; it is the working directory."""
    engine = database_url.partition(":")[0].partition("+")[0]
    create = TABLE.get(engine, "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL);")
    write_migration(write_project(tmp_path, database_url), "0001_users", create, "DROP TABLE users;")
    (tmp_path / "names.py").write_text('FIRST = "ann"\n\n\ndef fail(why):\n    raise ValueError(why)\n')
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "seeds" / "primary"
    folder.mkdir(parents=True)
    return folder


def write_seed(seeds: Path, name: str, upgrade: str, rollback: str = DELETE, head: str = "") -> None:
    (seeds / f"{name}.sql").write_text(f"{head}-- seed\n\n-- upgrade\n{upgrade}\n\n-- rollback\n{rollback}\n")


def write_python(seeds: Path, name: str, *lines: str) -> None:
    (seeds / f"{name}.py").write_text("\n".join(lines) + "\n")


INSERT = "INSERT INTO users (id, name) VALUES ({}, '{}');"
ANN, BOB = INSERT.format(1, "ann"), INSERT.format(2, "bob")
USERS = "SELECT id, name FROM users ORDER BY id"
EVENTS = "SELECT seed, event, statements_done FROM dbwarden_seeds ORDER BY id"


def test_applied_once_and_rolled_back(seeds: Path, database_url: str) -> None:
    write_seed(seeds, "0001_users", f"{ANN}\n{BOB}")
    dbwarden.migrate()
    assert dbwarden.seed_list().pending == 1
    assert dbwarden.seed_list().seeds[0].state.value == "pending"
    report = dbwarden.seed_apply()
    assert [(file.file, file.event.value, file.statements, file.seed) for file in report.seeds] == [
        ("0001_users.sql", "applied", 2, True)
    ]
    assert rows(database_url, USERS) == [(1, "ann"), (2, "bob")]
    assert dbwarden.seed_apply().seeds == ()
    assert (dbwarden.seed_list().applied, dbwarden.seed_list().pending) == (1, 0)
    assert [entry.file for entry in dbwarden.status().entries] == ["0001_users.sql"]  # the migration
    assert dbwarden.status().applied == 1
    assert dbwarden.status().seeds == SeedCounts(applied=1, pending=0, problems=0)
    dbwarden.seed_rollback()
    assert dbwarden.status().seeds == SeedCounts(applied=0, pending=1, problems=0)
    assert dbwarden.status().clean  # ``migrate`` does not apply it
    assert rows(database_url, USERS) == []
    assert rows(database_url, EVENTS) == [("0001", "applied", 2), ("0001", "rolled_back", 1)]
    assert dbwarden.seed_list().pending == 1
    with pytest.raises(NoSeedApplied):
        dbwarden.seed_rollback()
    dbwarden.rollback()  # the migration with the same version
    assert [event for _, event, _ in rows(database_url, EVENTS)] == ["applied", "rolled_back"]


def test_python_with_a_session(seeds: Path, database_url: str) -> None:
    dbwarden.migrate()
    write_python(
        seeds,
        "0001_ann",
        "from sqlalchemy import text",
        "from names import FIRST",
        "",
        "def upgrade(session):",
        "    session.execute(text('INSERT INTO users (id, name) VALUES (:id, :name)'), {'id': 1, 'name': FIRST})",
        "    import names",
        "    assert session.scalar(text('SELECT name FROM users WHERE id = 1')) == names.FIRST",
        "",
        "def rollback(session):",
        "    session.execute(text('DELETE FROM users WHERE id = 1'))",
    )
    assert [file.file for file in dbwarden.seed_apply().seeds] == ["0001_ann.py"]
    assert rows(database_url, USERS) == [(1, "ann")]
    dbwarden.seed_rollback()
    assert rows(database_url, USERS) == []
    assert (
        rows(database_url, "SELECT * FROM dbwarden_journal WHERE state = 'intent'") == []
        or "clickhouse" in database_url
    )
    assert not dbwarden.seed_list().problems


def test_a_coroutine(seeds: Path, database_url: str) -> None:
    dbwarden.migrate()
    write_python(
        seeds,
        "0001_ann",
        "from sqlalchemy import text",
        "async def upgrade(session):",
        "    await session.execute(text('INSERT INTO users (id, name) VALUES (:id, :name)'), {'id': 1, 'name': 'ann'})",
        "    assert (await session.scalar(text('SELECT name FROM users WHERE id = 1'))) == 'ann'",
    )
    dbwarden.seed_apply()
    assert rows(database_url, USERS) == [(1, "ann")]


def test_an_error_of_python_names_file_and_line(seeds: Path, database_url: str) -> None:
    dbwarden.migrate()
    write_python(
        seeds,
        "0001_fails",
        "from sqlalchemy import text",
        "import names",
        "def upgrade(session):",
        "    session.execute(text('INSERT INTO users (id, name) VALUES (7, :n)'), {'n': 'x'})",
        "    names.fail('postgresql://me:geheim@host/db is bad')",
    )
    with pytest.raises(MigrationFailed) as failed:
        dbwarden.seed_apply()
    assert (failed.value.file, failed.value.line) == ("0001_fails.py", 5)
    assert "ValueError: postgresql://me:***@host/db is bad" in str(failed.value)
    assert "at names.py:5: raise ValueError(why)" in str(failed.value)
    assert "geheim" not in json.dumps(rows(database_url, "SELECT error FROM dbwarden_seeds"))
    atomic = "clickhouse" not in database_url
    assert rows(database_url, USERS) == ([] if atomic else [(7, "x")])
    assert rows(database_url, "SELECT seed, event FROM dbwarden_seeds") == [("0001", "failed")]
    write_python(seeds, "0001_fails", "def upgrade(session):", "    pass")
    assert len(dbwarden.seed_apply().seeds) == 1


def test_edited_seeds_stop_and_are_named(seeds: Path) -> None:
    dbwarden.migrate()
    write_seed(seeds, "0001_ann", ANN)
    write_python(seeds, "0002_nothing", "def upgrade(session):", "    pass")
    dbwarden.seed_apply()
    write_seed(seeds, "0001_ann", f"-- a comment\n{ANN}")
    assert dbwarden.seed_apply().seeds == ()
    write_seed(seeds, "0001_ann", BOB)
    with pytest.raises(EditedSeed, match=r"0001_ann\.sql was changed after it was applied"):
        dbwarden.seed_apply()
    assert [entry.state.value for entry in dbwarden.seed_list().seeds] == ["edited", "applied"]
    assert dbwarden.status().seeds == SeedCounts(applied=1, pending=0, problems=1, wrong=("0001_ann.sql",))
    assert not dbwarden.status().clean
    write_seed(seeds, "0001_ann", ANN)
    write_python(seeds, "0002_nothing", "def upgrade(session):", "    return None")
    with pytest.raises(EditedSeed, match=r"0002_nothing\.py"):
        dbwarden.seed_apply()


def test_runs_on_change(seeds: Path, database_url: str) -> None:
    dbwarden.migrate()
    write_seed(seeds, "ROC__ann", ANN)
    assert len(dbwarden.seed_apply().seeds) == 1
    assert dbwarden.seed_apply().seeds == ()
    write_seed(seeds, "ROC__ann", BOB)
    assert dbwarden.seed_list().seeds[0].state.value == "changed"
    assert len(dbwarden.seed_apply().seeds) == 1
    assert rows(database_url, USERS) == [(1, "ann"), (2, "bob")]


def test_one_seed_and_what_it_needs(seeds: Path, database_url: str) -> None:
    dbwarden.migrate()
    write_seed(seeds, "0001_ann", ANN, "DELETE FROM users WHERE id = 1;")
    write_seed(seeds, "0002_bob", BOB, "DELETE FROM users WHERE id = 2;", '-- depends_on: ["0001"]\n')
    write_python(seeds, "0003_cat", "def upgrade(session):", "    pass", "irreversible = 'for ever'")
    with pytest.raises(SeedDependency, match=r"0002_bob\.sql depends on 0001, which is not applied"):
        dbwarden.seed_apply(version="2")
    assert [file.file for file in dbwarden.seed_apply(version="0003_cat.py").seeds] == ["0003_cat.py"]
    assert dbwarden.seed_apply(version="0003").seeds == ()
    assert dbwarden.seed_apply(version="1").remaining == 1
    planned = dbwarden.seed_apply(options=SeedOptions(dry_run=True)).planned
    assert [(file.file, file.statements) for file in planned] == [("0002_bob.sql", (BOB.removesuffix(";"),))]
    dbwarden.seed_apply()
    with pytest.raises(UnknownSeed, match="There is no seed 9; nearest: 0003_cat, 0002_bob"):
        dbwarden.seed_apply(version="9")
    with pytest.raises(Irreversible, match="for ever"):
        dbwarden.seed_rollback(to_version="2")
    assert rows(database_url, USERS) == [(1, "ann"), (2, "bob")]


def test_rolled_back_without_the_file(seeds: Path, database_url: str) -> None:
    """The SQL is in the history; the code of a seed in Python is not."""
    dbwarden.migrate()
    write_python(seeds, "0001_python", "def upgrade(session):", "    pass", "def rollback(session):", "    pass")
    write_seed(seeds, "0002_ann", ANN)
    dbwarden.seed_apply()
    for file in seeds.iterdir():
        file.unlink()
    assert [entry.state.value for entry in dbwarden.seed_list().seeds] == ["missing", "missing"]
    assert dbwarden.seed_apply().missing == ("0001_python.py", "0002_ann.sql")
    dbwarden.seed_rollback()
    assert rows(database_url, USERS) == []
    with pytest.raises(SeedWithoutRollback, match=r"0001_python\.py cannot be rolled back: its file is gone"):
        dbwarden.seed_rollback()


def test_after_the_migrations_under_one_lock(seeds: Path, database_url: str) -> None:
    write_seed(seeds, "0001_ann", ANN)
    planned = dbwarden.migrate(options=MigrateOptions(apply_seeds=True, dry_run=True))
    assert planned.seeds is not None and [file.file for file in planned.seeds.planned] == ["0001_ann.sql"]
    report = dbwarden.migrate(options=MigrateOptions(apply_seeds=True))
    assert [file.file for file in report.migrations] == ["0001_users.sql"]
    assert report.seeds is not None and [file.file for file in report.seeds.seeds] == ["0001_ann.sql"]
    assert rows(database_url, USERS) == [(1, "ann")]
    write_seed(seeds, "0002_bob", BOB)
    report = dbwarden.migrate(options=MigrateOptions(apply_seeds=True))
    assert report.migrations == () and report.seeds is not None and len(report.seeds.seeds) == 1
    write_seed(seeds, "0001_ann", BOB)
    with pytest.raises(EditedSeed):
        dbwarden.migrate(options=MigrateOptions(apply_seeds=True))
    with pytest.raises(UsageError, match="--apply-seeds needs all migrations"):
        dbwarden.migrate(count=1, options=MigrateOptions(apply_seeds=True))


def test_what_destroys_is_refused(seeds: Path, database_url: str) -> None:
    dbwarden.migrate()
    write_seed(seeds, "0001_ann", ANN)
    dbwarden.seed_apply()
    write_seed(seeds, "0002_drop", "DROP TABLE users;")
    with pytest.raises(UnsafeSeed, match=r"critical finding in the pending seeds of primary\n"):
        dbwarden.seed_apply()
    assert rows(database_url, USERS) == [(1, "ann")]
    dbwarden.seed_apply(options=SeedOptions(force=True))


def test_a_statement_that_fails(seeds: Path, database_url: str) -> None:
    dbwarden.migrate()
    write_seed(seeds, "0001_ann", f"{ANN}\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(MigrationFailed, match=r"0001_ann\.sql:5: statement 2 of 2 failed"):
        dbwarden.seed_apply()
    atomic = "clickhouse" not in database_url
    [entry] = dbwarden.seed_list().seeds
    assert (entry.state.value, entry.statements_done) == (("pending", 0) if atomic else ("failed", 1))
    write_seed(seeds, "0001_ann", f"{ANN}\n{BOB}")
    dbwarden.seed_apply()
    assert rows(database_url, USERS) == [(1, "ann"), (2, "bob")]
    assert dbwarden.status().problems == 0


def test_the_table_of_an_earlier_version(seeds: Path, database_url: str) -> None:
    """It had fewer columns, and no rows."""
    dbwarden.migrate()
    with connect(database_url) as conn:
        for column in LATER[SEEDS][1:]:
            conn.execute(f"ALTER TABLE dbwarden_seeds DROP COLUMN {column}")
    write_seed(seeds, "0001_ann", ANN)
    assert dbwarden.seed_list().pending == 1
    dbwarden.seed_apply()
    assert rows(database_url, EVENTS) == [("0001", "applied", 1)]


def test_the_command(seeds: Path, tmp_path: Path, database_url: str) -> None:
    run(tmp_path, "migrate")
    seeds.rmdir()
    assert "Seeds:" not in run(tmp_path, "status") and json.loads(run(tmp_path, "--json", "status"))["seeds"] is None
    assert run(tmp_path, "seed", "create", "First users") == "Created seeds/primary/0001_first_users.sql\n"
    assert "0002_more.py" in run(tmp_path, "seed", "create", "more", "--type", "python")
    assert "ROC__rates.sql" in run(tmp_path, "seed", "create", "rates", "--on-change")
    assert "has no statement to apply" in run(tmp_path, "seed", "apply", code=2)
    write_seed(seeds, "0001_first_users", ANN)
    (seeds / "ROC__rates.sql").unlink()
    assert "NotImplementedError" in run(tmp_path, "seed", "apply", code=1)
    write_python(seeds, "0002_more", "def upgrade(session):", "    print('a line of its own')")
    document, _ = json.JSONDecoder().raw_decode(run(tmp_path, "--json", "seed", "apply"))
    assert [file["file"] for file in document["seeds"]] == ["0002_more.py"]
    listed = json.loads(run(tmp_path, "--json", "seed", "list"))
    assert [(seed["file"], seed["state"], seed["python"]) for seed in listed["seeds"]] == [
        ("0001_first_users.sql", "applied", False),
        ("0002_more.py", "applied", True),
    ]
    assert "2 applied, 0 pending" in run(tmp_path, "seed", "list")
    assert "Seeds: 2 applied, 0 pending\n" in run(tmp_path, "status")
    assert json.loads(run(tmp_path, "--json", "status"))["seeds"]["applied"] == 2
    assert "No seed to apply: database primary is up to date (2 applied)." in run(tmp_path, "seed", "apply", "--all")
    assert "2 applied, 0 pending" in run(tmp_path, "seed", "list", "--all", "--verbose")
    assert "a function `rollback(session)`" in run(tmp_path, "seed", "rollback", code=1)
