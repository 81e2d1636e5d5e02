"""init --from, with databases that the tools have made: from there on, their projects are ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden.core.url import Url
from tests.origins.tools import (
    TRADE,
    Tool,
    alembic_project,
    dbmate_project,
    django_project,
    flyway_project,
    yoyo_project,
)
from tests.support.command import rows, run, write_migration

DOCS = Path(__file__).resolve().parents[2] / "docs" / "coming-from"
Build = Callable[[Path, str], Tool]
TOOLS: dict[str, tuple[Build, str]] = {
    "alembic": (alembic_project, "alembic_version"),
    "django": (django_project, "django_migrations"),
    "yoyo": (yoyo_project, "_yoyo_migration"),
    "dbmate": (dbmate_project, "schema_migrations"),
    "flyway": (flyway_project, "flyway_schema_history"),
}
"""How a project is built, and the tool's history table."""
CASES = {
    "alembic": ("sqlite", "postgresql", "mysql"),
    "django": ("sqlite", "postgresql"),
    "yoyo": ("sqlite", "postgresql"),
    "dbmate": ("postgresql",),
    "flyway": ("sqlite", "mariadb"),
}


def password(url: str) -> dict[str, str]:
    secret = Url.parse(url).password or ""
    return {"DATABASE_PASSWORD": secret, "DB_PASSWORD": secret} if secret else {}


@pytest.mark.parametrize(("name", "engine"), [(tool, engine) for tool, engines in CASES.items() for engine in engines])
def test_a_project_is_ours_from_one_command_on(
    name: str, engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nothing of the tool's is touched; models and database agree; the next change is one file; a new database is the same."""
    url = request.getfixturevalue(f"{engine}_url")
    build, table = TOOLS[name]
    tool = build(tmp_path / "project", url)
    files, history = tool.digests(), tool.rows(table)
    environment = {} if name != "django" else password(url)
    extra = () if name == "alembic" else ("--models", "models")
    output = run(tool.folder, "init", "--from", name, *extra, **environment)
    assert "applied, none pending" in output and "proven: " in output and "agree." in output, output
    _is_shown(output, name)
    assert {key: tool.digests()[key] for key in files} == files
    assert tool.rows(table) == history
    _refers_to_the_password(tool, output)

    secret = password(url)
    assert "Nothing to do" in run(tool.folder, "make-migrations", **secret)
    assert "1 applied, 0 pending" in run(tool.folder, "status", **secret)
    assert "alone" not in run(tool.folder, "diff", **secret) or name == "alembic"
    _adds_a_column(tool, name, secret)
    _builds_the_same_elsewhere(tool, engine, table, secret, request)


def _is_shown(output: str, name: str) -> None:
    """The page of the tool shows what the command prints; ``...`` stands for any text, on a line of its own for any lines."""
    page = (DOCS / f"{name}.md").read_text()
    block = page.partition("```console\n$ dbwarden init")[2].partition("\n")[2].partition("```")[0]
    lines = (
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in block.splitlines()
    )
    pattern = "".join(lines)
    assert block and re.match(pattern, output), f"{output}\n-- the page --\n{block}"


def _refers_to_the_password(tool: Tool, output: str) -> None:
    """The password of the tool's configuration is neither written nor shown."""
    secret, text = Url.parse(tool.url).password, (tool.folder / "warden.py").read_text()
    if secret:
        assert secret not in text and secret not in output
        assert "_PASSWORD}" in text
        assert ("set the environment variable DATABASE_PASSWORD" in output) == ("${DATABASE_PASSWORD}" in text)


def _adds_a_column(tool: Tool, name: str, secret: dict[str, str]) -> None:
    models = sorted((tool.folder / "models").glob("*.py")) or [tool.folder / "app" / "models.py"]
    table = {"alembic": "posts", "django": "orders_order"}.get(name, "invoices")
    path = next(path for path in models if f'__tablename__ = "{table}"' in path.read_text())
    line = f'__tablename__ = "{table}"\n'
    column = "    paid: Mapped[int | None] = mapped_column()\n"
    path.write_text(path.read_text().replace(line, line + column))
    output = run(tool.folder, "make-migrations", "paid", **secret)
    assert "Created migrations/primary/0002_paid.sql" in output
    text = (tool.folder / "migrations" / "primary" / "0002_paid.sql").read_text()
    upgrade = text.partition("-- upgrade")[2].partition("-- rollback")[0]
    assert upgrade.count(";") == 1 and "paid" in upgrade, text
    run(tool.folder, "migrate", **secret)
    run(tool.folder, "rollback", **secret)
    run(tool.folder, "migrate", **secret)


def _configure_elsewhere(folder: Path, url: str) -> None:
    """A copy of the configuration for another database."""
    lines = (folder / "warden.py").read_text().splitlines()
    lines = [f"    database_url_sync={url!r}," if "database_url_sync" in line else line for line in lines]
    (folder / "elsewhere.py").write_text("\n".join(lines))


def _builds_the_same_elsewhere(
    tool: Tool, engine: str, table: str, secret: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """An empty database is built by our files alone, and differs in nothing but the tool's tables."""
    from dbwarden import dialects
    from dbwarden.api.check_db import all_namespaces
    from dbwarden.api.connection import connect
    from dbwarden.core.dialect import Scope
    from tests.servers.fixtures import fresh, need

    there = iter([f"sqlite:///{tool.folder}/other.sqlite3"]) if engine == "sqlite" else fresh(need(engine))
    other = next(there)
    _configure_elsewhere(tool.folder, other)
    run(tool.folder, "--config", "elsewhere.py", "migrate", **secret)

    def schema(url: str) -> dict[str, str]:
        with connect(url, read_only=True) as conn:
            dialect = dialects.get(engine)
            dialect = dialect.for_server(dialect.server_of(conn))
            found = dialect.inspect(conn, Scope(all_namespaces(conn, dialect)))
            return {str(ref): repr(item) for ref, item in found.items()}

    ours, theirs = schema(other), schema(tool.url)
    tools_own = ("yoyo", table)
    assert {key for key in theirs.keys() - ours.keys() if not any(word in key for word in tools_own)} == set()
    assert {key: ours[key] for key in ours} == {key: theirs[key] for key in ours}
    for _ in there:
        pass


@pytest.mark.parametrize("database_url", ["postgresql", "mysql", "clickhouse"], indirect=True)
def test_a_sample_of_every_kind_is_adopted(database_url: str, reference_url: str, tmp_path: Path) -> None:
    """Every kind of object of the engine, in a base migration that builds an empty database, and is taken back there; privileges
    belong to the server's accounts."""
    from tests.api.test_generate_models import SAMPLES, _run

    engine = database_url.partition(":")[0]
    _run(database_url, (SAMPLES / f"{engine}.sql").read_text())
    secret = password(database_url)
    output = run(tmp_path, "init", "--from", "existing", "--url", database_url, "--models", "models.py", **secret)
    assert "agree." in output
    left_out = [line for line in output.splitlines() if "Not in the base migration" in line]
    assert all("privileges and roles" in line for line in left_out), output
    assert f"-- proven: {engine} " in (tmp_path / "migrations" / "primary" / "0001_base.sql").read_text()
    _configure_elsewhere(tmp_path, reference_url)
    run(tmp_path, "--config", "elsewhere.py", "migrate", **secret)
    run(tmp_path, "--config", "elsewhere.py", "rollback", "--force", **secret)


def test_what_the_models_did_not_describe_is_never_dropped(tmp_path: Path, sqlite_url: str) -> None:
    """A table that a migration of Alembic made without a model stays, also when it is in our base migration; what had a model
    is dropped with it."""
    tool = alembic_project(tmp_path / "project", sqlite_url)
    env = tool.folder / "alembic" / "env.py"
    text = env.read_text()
    env.write_text(text.replace("target_metadata = Base.metadata", "target_metadata = get_metadata()"))
    output = run(tool.folder, "init", "--from", "alembic", "-d", "trial")
    assert "Next: set model_paths in warden.py, then change the models" in output and "`unowned`" in output
    assert "model_paths=[]" in (tool.folder / "warden.py").read_text()
    (tool.folder / "warden.py").unlink()
    env.write_text(text)
    run(tool.folder, "init", "--from", "alembic")
    base = (tool.folder / "migrations" / "primary" / "0001_base.sql").read_text()
    assert '-- unowned: ["audit", "emails"]' in base and "CREATE TABLE audit" in base and "CREATE VIEW emails" in base
    models = tool.folder / "app" / "models.py"
    models.write_text(models.read_text().partition("class Post")[0])
    output = run(tool.folder, "diff")
    assert "drop table posts" in output and "table audit" in output.partition("Left alone")[2]
    assert "drop table audit" not in output and "drop view emails" not in output
    # without the file, the history alone does not make them ours
    (tool.folder / "migrations" / "primary" / "0001_base.sql").unlink()
    assert "drop table" not in run(tool.folder, "diff")


def test_a_configuration_that_exists_is_used_and_not_changed(tmp_path: Path, sqlite_url: str) -> None:
    """Who has begun with ``init`` and meets tables that are there already goes on with ``init --from existing``."""
    folder = tmp_path / "project"
    run_init = ("init", "--url", sqlite_url)
    folder.mkdir()
    run(folder, *run_init)
    text = (folder / "warden.py").read_text()
    tool = Tool(folder, sqlite_url)
    tool.execute(TRADE)
    output = run(folder, "init", "--from", "existing", "--models", "app/models.py")
    assert 'warden.py exists and was not changed: set model_paths=["app/models.py"]' in output
    assert (folder / "warden.py").read_text() == text
    assert "-- unowned" not in (folder / "migrations" / "primary" / "0001_base.sql").read_text()
    (folder / "warden.py").write_text(text.replace("app.models", "app/models.py"))
    assert "Nothing to do" in run(folder, "make-migrations")
    assert "is a configuration already, so --url has no place" in run(
        folder, "init", "--from", "existing", "--url", sqlite_url, code=2
    )
    assert "has migrations already" in run(folder, "init", "--from", "existing", code=2)


def test_a_first_migrate_on_a_database_that_is_there_leads_here(tmp_path: Path, database_url: str) -> None:
    from tests.support.command import write_project

    migrations = write_project(tmp_path, database_url)
    Tool(tmp_path, database_url).execute("CREATE TABLE t (n INTEGER)")
    write_migration(migrations, "0001_t", "CREATE TABLE t (n INTEGER);", "DROP TABLE t;")
    output = run(tmp_path, "migrate", code=1)
    assert "dbwarden migrate --baseline --to-version" in output and "dbwarden init --from existing" in output


def test_nothing_is_left_where_it_ends_half_way(tmp_path: Path, postgresql_url: str) -> None:
    """The account may read, and not create our tables: neither files nor tables remain."""
    tool = flyway_project(tmp_path / "project", postgresql_url)
    before = tool.digests(), sorted(tool.folder.rglob("*"))
    tool.execute(
        "ALTER DATABASE " + (Url.parse(postgresql_url).database or "") + " SET default_transaction_read_only = on"
    )
    output = run(tool.folder, "init", "--from", "flyway", "--models", "models", "--no-proof", code=1)
    assert "read-only" in output
    assert tool.digests() == before[0]
    assert sorted(tool.folder.rglob("*")) == before[1]
    assert not rows(postgresql_url, "SELECT 1 FROM pg_tables WHERE tablename LIKE 'dbwarden%'")


def test_the_report_as_json(tmp_path: Path, sqlite_url: str) -> None:
    tool = dbmate_project(tmp_path / "project", sqlite_url)
    report = json.loads(run(tool.folder, "--json", "init", "--from", "dbmate", "-d", "shop"))
    assert report["applied"] == ["20240101000000_customers.sql", "20240202000000_invoices.sql"]
    assert (report["database"], report["tables"], report["history_table"]) == ("shop", 2, "schema_migrations")
    assert report["models_missing"] and report["proof"]["proven"]
    assert (tool.folder / "migrations" / "shop" / "0001_base.sql").exists()
    # the models come later, and change nothing in what belongs to whom until the header goes
    run(tool.folder, "generate-models", "--output", "models", "--exclude-tables", "invoices")
    output = run(tool.folder, "make-migrations")
    assert "Nothing to do" in output and "invoices" in output
    base = tool.folder / "migrations" / "shop" / "0001_base.sql"
    base.write_text(base.read_text().replace('-- unowned: ["*"]\n', ""))
    assert "drop table invoices" in run(tool.folder, "diff")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--from", "rails"), 2, "--from must be one of alembic, django, yoyo, flyway, dbmate, existing"),
        (("--models", "m.py"), 2, "--models goes with --from"),
        (("--no-proof",), 2, "--no-proof goes with --from"),
        (("--from", "existing"), 2, "`--from existing` needs --url"),
        (("--from", "existing", "--url", "app.db"), 2, "a URL looks like"),
        (("--from", "existing", "--url", "sqlite:///nothing.db"), 2, "database primary (sqlite:///nothing.db) has no table"),
        (("--from", "existing", "--url", "sqlite:///empty.db"), 2, "There is nothing to adopt"),
        (("--from", "existing", "--url", "sqlite:///shop.db", "-d", "7"), 2, "invalid database name '7'"),
        (("--from", "existing", "--url", "sqlite:///shop.db", "--database-type", "mysql"), 2, "is a URL for sqlite"),
        (("--from", "alembic"), 2, "neither alembic.ini nor [tool.alembic]"),
        (("--from", "yoyo"), 2, "yoyo.ini is missing"),
        (("--from", "dbmate", "--url", "sqlite:///shop.db"), 2, "there is no folder db/migrations"),
        (("--from", "flyway", "--url", "sqlite:///shop.db"), 2, "no folder sql"),
        (("--from", "django"), 2, "manage.py is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_adopted(tmp_path: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    Tool(tmp_path, f"sqlite:///{tmp_path}/shop.db").execute("CREATE TABLE t (n INTEGER)")
    Tool(tmp_path, f"sqlite:///{tmp_path}/empty.db").execute("CREATE VIEW v AS SELECT 1")
    before = sorted(tmp_path.iterdir())
    assert message in run(tmp_path, "init", *arguments, code=code)
    assert sorted(tmp_path.iterdir()) == before


def test_tools_that_are_not_finished(tmp_path: Path, sqlite_url: str) -> None:
    """The tool never ran; another tool has a table of this name; it is half-way; it is running; then it is done."""
    tool = yoyo_project(tmp_path / "project", sqlite_url, apply=False)
    tool.execute("CREATE TABLE t (n INTEGER)")
    before = tool.digests()
    assert "yoyo has never migrated this database: it has no table _yoyo_migration" in run(
        tool.folder, "init", "--from", "yoyo", code=5
    )
    tool.execute("CREATE TABLE _yoyo_migration (n INTEGER)")
    assert "is not the history of yoyo: it has no column migration_id" in run(
        tool.folder, "init", "--from", "yoyo", code=5
    )
    tool.execute("DROP TABLE _yoyo_migration")
    tool.run("-m", "yoyo", "apply", "--revision", "0001.customers")
    output = run(tool.folder, "init", "--from", "yoyo", code=5)
    assert "1 of its 2 migrations are pending\n    0002.invoices.py" in output and "`yoyo apply`" in output
    tool.run("-m", "yoyo", "apply")
    tool.execute("INSERT INTO yoyo_lock (locked, pid) VALUES (1, 4711)")
    output = run(tool.folder, "init", "--from", "yoyo", code=5)
    assert "the process 4711 has locked the database (yoyo_lock)" in output and "yoyo break-lock" in output
    assert tool.digests() == before
    tool.run("-m", "yoyo", "break-lock")
    (tool.folder / "changes" / "0001.customers.sql").unlink()  # it was applied, and its file is gone: said, not refused
    output = run(tool.folder, "init", "--from", "yoyo")
    assert "yoyo recorded 0001.customers, of which there is no file here" in output


def test_heads_and_pending_revisions_of_alembic(tmp_path: Path, sqlite_url: str) -> None:
    tool = alembic_project(tmp_path / "project", sqlite_url, upgrade=False)
    tool.run("-m", "alembic", "upgrade", "aaaa00000001")
    output = run(tool.folder, "init", "--from", "alembic", code=5)
    assert "2_second.py" in output and "`alembic upgrade head` applies what is pending" in output
    third = tool.folder / "alembic" / "versions" / "3_third.py"
    third.write_text('revision = "aaaa00000003"\ndown_revision = "aaaa00000001"\n')
    output = run(tool.folder, "init", "--from", "alembic", code=5)
    assert "the files have 2 heads" in output and "alembic merge heads" in output
    third.unlink()
    # models that cannot be imported are a note: nothing counts as theirs until they can
    tool.run("-m", "alembic", "upgrade", "head")
    tool.write("app/models.py", "import nothing_like_it\n")
    output = run(tool.folder, "init", "--from", "alembic")
    assert "The models could not be read" in output and "nothing_like_it" in output
    assert '-- unowned: ["*"]' in (tool.folder / "migrations" / "primary" / "0001_base.sql").read_text()
