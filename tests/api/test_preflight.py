"""Rows on which a pending statement would fail are found before anything is locked or changed, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

import dbwarden
from dbwarden.api.connection import connect
from dbwarden.api.migrate import MigrateOptions
from dbwarden.core import row_limits
from dbwarden.core.row_limits import RowLimits
from dbwarden.errors import MigrationFailed, UnmetDemands
from tests.support.command import run
from tests.support.project import Project

MODELS = """
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint, func

metadata = MetaData()
Table("teams", metadata, Column("id", Integer, primary_key=True, autoincrement=False))
Table(
    "users", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mail", String(80){mail}),
    Column("age", {age}),
    Column("team", Integer{team}),
    {members}
)
"""


def models(mail: str = "", age: str = "String(20)", team: str = "", members: str = "") -> str:
    return MODELS.format(mail=mail, age=age, team=team, members=members)


class Change(NamedTuple):
    """A change of the models, with rows that do not meet its demand, and the repair."""

    source: str
    bad: str
    repair: str
    kind: str
    said: str
    rows: int = 2


CHANGES = {
    "not null": Change(
        models(mail=", nullable=False"),
        "INSERT INTO users (id, mail) VALUES (1, 'a'), (2, NULL), (3, NULL);",
        "UPDATE users SET mail = 'b';",
        "not null",
        "users.mail becomes NOT NULL, but 2 rows have no value:",
    ),
    "unique constraint": Change(
        models(members='UniqueConstraint("mail", name="one_mail"),'),
        "INSERT INTO users (id, mail) VALUES (1, 'a'), (2, 'b'), (3, 'a'), (4, NULL), (5, NULL);",
        "DELETE FROM users WHERE id = 3;",
        "unique",
        "users becomes unique by (mail), but 2 rows have the key of another row:",
    ),
    "unique index": Change(
        models(members='Index("one_user", "mail", "team", unique=True),'),
        "INSERT INTO users (id, mail, team) VALUES (1, 'a', 1), (2, 'a', 1), (3, 'a', 2), (4, 'a', NULL), (5, 'a', NULL);",
        "DELETE FROM users WHERE id = 1;",
        "unique",
        "users becomes unique by (mail, team), but 2 rows have the key of another row:",
    ),
    "check": Change(
        models(members="""CheckConstraint("team > 0 OR mail = 'a'", name="some"),"""),
        "INSERT INTO users (id, mail, team) VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', -1), (4, NULL, NULL);",
        "UPDATE users SET team = 1;",
        "check",
        "but 2 rows do not satisfy it:",
    ),
    "foreign key": Change(
        models(team=', ForeignKey("teams.id", name="team_of")'),
        "INSERT INTO teams (id) VALUES (1); INSERT INTO users (id, team) VALUES (1, 1), (2, 7), (3, 8), (4, NULL);",
        "UPDATE users SET team = NULL WHERE team > 1;",
        "foreign key",
        "users gets the foreign key (team) to teams, but 2 rows refer to no row of teams:",
    ),
    "type": Change(
        models(age="Integer"),
        "INSERT INTO users (id, age) VALUES (1, '12'), (2, 'twelve'), (3, '99999999999'), (4, NULL);",
        "UPDATE users SET age = '0' WHERE id > 1;",
        "type",
        "but 2 rows have values that cannot be converted:",
    ),
    "shorter text": Change(
        models(age="String(5)"),
        "INSERT INTO users (id, age) VALUES (1, 'short'), (2, 'longer'), (3, 'longest'), (4, NULL);",
        "UPDATE users SET age = 'x';",
        "type",
        "but 2 rows have values that cannot be converted:",
    ),
}


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.reach(models(), "users")
    return project


def pending(project: Project, change: Change) -> None:
    """A generated file that is not applied, and rows that came after it."""
    project.models(change.source)
    project.generate("change", proof=False)
    project.execute(change.bad)


def write(project: Project, name: str, upgrade: str) -> None:
    (project.folder / "migrations" / "primary" / name).write_text(f"-- irreversible: a test\n-- upgrade\n{upgrade}\n")


def migrate(project: Project, **options: bool) -> dbwarden.MigrateReport:
    return dbwarden.migrate(config=project.config, options=MigrateOptions(force=True, **options))


@pytest.mark.parametrize("name", CHANGES)
def test_a_statement_that_would_fail_is_refused(project: Project, name: str) -> None:
    change = CHANGES[name]
    if change.kind == "type" and project.engine == "sqlite":
        pytest.skip("a column of SQLite takes values of any type")
    pending(project, change)
    before = project.dump()
    with pytest.raises(UnmetDemands) as error:
        migrate(project)
    assert change.said in error.value.listed and "All of them: " in error.value.listed, error.value.listed
    assert project.dump() == before
    dry = dbwarden.migrate(config=project.config, options=MigrateOptions(dry_run=True)).preflight
    assert dry is not None
    [finding] = dry.findings
    assert (finding.kind, finding.rows, finding.table) == (change.kind, change.rows, "users")
    assert {row["id"] for row in finding.sample} <= {"1", "2", "3"} and len(finding.sample) == 2
    project.execute(change.repair)
    report = migrate(project)
    assert len(report.migrations) == 1 and report.preflight is not None and report.preflight.met == 1


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_refused_would_have_failed_and_the_failure_names_the_rows(project: Project, name: str) -> None:
    change = CHANGES[name]
    if project.engine == "sqlite" and change.kind in ("type", "foreign key"):
        pytest.skip("SQLite takes values of any type, and names broken foreign keys itself")
    pending(project, change)
    with pytest.raises(MigrationFailed) as error:
        migrate(project, preflight=False)
    assert change.said in error.value.message and "All of them: " in error.value.message, error.value.message
    assert change.said not in json.dumps(project.dump())  # values are not kept in the history


@pytest.mark.parametrize("name", CHANGES)
def test_no_false_alarm_where_an_update_comes_first(project: Project, name: str) -> None:
    """The repair is in a pending file before the demand."""
    change = CHANGES[name]
    project.models(change.source)
    project.generate("change", proof=False)
    [_, generated] = project.files()
    text = generated.read_text()
    generated.unlink()
    project.execute(change.bad)
    write(project, "0002_repair.sql", change.repair)
    (generated.parent / "0003_change.sql").write_text(text)
    report = migrate(project, preflight=True)
    assert len(report.migrations) == 2 and report.preflight is not None
    reasons = [demand.reason for demand in report.preflight.unjudged]
    if not (change.kind == "type" and project.engine == "sqlite"):
        assert reasons == ["0002_repair.sql:3 changes these rows first"]


def test_new_tables_and_columns_are_nobody_s_rows(project: Project) -> None:
    project.execute("INSERT INTO users (id, mail, age) VALUES (1, 'a', 'x'), (2, 'a', 'y');")
    more = """
Table("notes", metadata, Column("id", Integer, primary_key=True), Column("text", String(9), nullable=False, unique=True))
"""
    project.models(models(members='Column("nick", String(9), server_default="x"),') + more)
    project.generate("more", proof=False)
    report = migrate(project, preflight=True)
    assert report.preflight is not None and not report.preflight.findings and not report.preflight.unjudged


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_an_earlier_run_has_done_demands_nothing(project: Project) -> None:
    upgrade = "CREATE UNIQUE INDEX one ON users (mail);\nDROP INDEX one;\nINSERT INTO later VALUES (1);"
    write(project, "0002_later.sql", upgrade)
    file = project.files()[1]
    file.write_text(f"-- transaction: off\n{file.read_text()}")
    with pytest.raises(MigrationFailed):
        migrate(project)
    project.execute("CREATE TABLE later (id INTEGER);\nINSERT INTO users (id, mail) VALUES (1, 'a'), (2, 'a');")
    assert len(migrate(project, preflight=True).migrations) == 1


def test_a_renamed_table_is_looked_up_by_its_present_name(project: Project) -> None:
    project.execute("INSERT INTO users (id, mail) VALUES (1, 'a'), (2, 'a');")
    write(project, "0002_rename.sql", "ALTER TABLE users RENAME TO people;\nCREATE UNIQUE INDEX one ON people (mail);")
    with pytest.raises(UnmetDemands) as error:
        migrate(project)
    assert "0002_rename.sql:4: users becomes unique by (mail), but 2 rows" in error.value.listed


def test_the_command_says_it_and_so_does_json(project: Project) -> None:
    pending(project, CHANGES["not null"])
    shown = run(project.folder, "migrate", code=5)
    assert "Refused: 1 statement of the pending migrations of primary would fail on rows that are there" in shown
    assert "id = '2', mail = NULL" in shown and "--no-preflight" in shown
    assert json.loads(run(project.folder, "--json", "migrate", code=5))["error"]["code"] == "UnmetDemands"
    shown = run(project.folder, "--json", "migrate", "--dry-run")
    assert "Warning: " in shown
    report = json.loads(shown[shown.index("\n{") :])
    assert report["preflight"]["findings"][0]["rows"] == 2
    assert "failed" in run(project.folder, "migrate", "--no-preflight", code=1)


def test_only_five_rows_are_shown_and_secrets_are_masked(project: Project) -> None:
    rows = ", ".join(f"({number}, 'https://me:secret{number}@host/')" for number in range(1, 10))
    project.execute(f"INSERT INTO users (id, mail) VALUES {rows};")
    write(project, "0002_check.sql", "CREATE UNIQUE INDEX one ON users (team);")
    project.execute("UPDATE users SET team = 1;")
    with pytest.raises(UnmetDemands) as error:
        migrate(project)
    assert error.value.listed.count("team = '1'") == 5 and "and 4 more" in error.value.listed
    (project.folder / "migrations" / "primary" / "0002_check.sql").unlink()
    project.execute("UPDATE users SET mail = 'https://me:secret@host/';")
    write(project, "0002_mail.sql", "CREATE UNIQUE INDEX one ON users (mail);")
    with pytest.raises(UnmetDemands) as error:
        migrate(project)
    assert "secret" not in error.value.listed and "https://me:***@host/" in error.value.listed


LIMITS = RowLimits(rows=3, bytes=1024 * 1024, each=5.0, total=15.0)


def test_large_tables_are_looked_at_only_if_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_limits, "CHEAP", LIMITS)
    project.execute("INSERT INTO users (id, mail) VALUES (1, 'a'), (2, 'a'), (3, 'b');")
    write(project, "0002_one.sql", "CREATE UNIQUE INDEX one ON users (mail);")
    options = MigrateOptions(dry_run=True)
    report = dbwarden.migrate(config=project.config, options=options).preflight
    assert report is not None and not report.findings
    assert [one.reason for one in report.unjudged] == ["users has 3 rows; --preflight looks at them"]
    report = dbwarden.migrate(config=project.config, options=replace(options, preflight=True)).preflight
    assert report is not None and len(report.findings) == 1


SLOW = {
    "postgresql": "CHECK (pg_sleep(20) IS NULL)",
    "mysql": "CHECK (SLEEP(20) = 0)",
    "mariadb": "CHECK (SLEEP(20) = 0)",
}
ENDLESS = "(WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c)"


def test_what_takes_too_long_is_cancelled(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_limits, "CHEAP", replace(row_limits.CHEAP, each=0.3, total=15.0))
    project.execute("INSERT INTO users (id, mail) VALUES (1, 'a'), (2, 'a');")
    if project.engine == "sqlite":
        upgrade = f"CREATE UNIQUE INDEX slow ON users (id) WHERE {ENDLESS} > 0;\n"
    else:
        upgrade = f"ALTER TABLE users ADD {SLOW[project.engine]};\n"
    write(project, "0002_slow.sql", upgrade + "CREATE UNIQUE INDEX one ON users (mail);")
    report = dbwarden.migrate(config=project.config, options=MigrateOptions(dry_run=True)).preflight
    assert report is not None
    assert [one.reason for one in report.unjudged] == ["the queries took longer than 0.3 s"]
    assert len(report.findings) == 1  # the next query has the connection to itself


def test_a_query_that_fails_is_not_a_finding(project: Project) -> None:
    project.execute("INSERT INTO users (id, mail) VALUES (1, 'a'), (2, 'a');")
    write(project, "0002_one.sql", "CREATE UNIQUE INDEX one ON users (nowhere(mail));")
    report = dbwarden.migrate(config=project.config, options=MigrateOptions(dry_run=True)).preflight
    assert report is not None and not report.findings
    assert "nowhere" in report.unjudged[0].reason.lower()


@pytest.mark.parametrize("database_url", ["clickhouse"], indirect=True)
def test_a_mutation_that_would_stay_is_refused(tmp_path: Path, database_url: str) -> None:
    project = Project(tmp_path / "project", database_url)
    project.models("from sqlalchemy import MetaData\nmetadata = MetaData()\n")
    with connect(database_url) as conn:
        conn.execute("CREATE TABLE users (id Int32, age String) ENGINE = MergeTree ORDER BY id")
        conn.execute("INSERT INTO users (id, age) VALUES (1, '12'), (2, 'twelve'), (3, '300')")
        (project.folder / "migrations" / "primary").mkdir(parents=True)
        write(project, "0001_age.sql", "ALTER TABLE users MODIFY COLUMN age UInt8;")
        with pytest.raises(UnmetDemands) as error:
            migrate(project)
        assert "users.age becomes UInt8, but 1 row has a value that cannot be converted" in error.value.listed
        assert "id = '2', age = 'twelve'" in error.value.listed
        conn.execute("ALTER TABLE users DELETE WHERE id = 2 SETTINGS mutations_sync = 2")
        assert len(migrate(project).migrations) == 1
        assert [row[0] for row in conn.query("SELECT age FROM users ORDER BY id")] == [12, 44]


def test_make_migrations_mentions_it(project: Project) -> None:
    project.execute("INSERT INTO users (id, mail) VALUES (1, 'a'), (2, 'a');")
    project.models(CHANGES["unique index"].source.replace('"mail", "team"', '"mail"'))
    notes = project.generate("unique", proof=False).notes
    assert any("The new migration would fail: users becomes unique by (mail), but 2 rows" in note for note in notes)
