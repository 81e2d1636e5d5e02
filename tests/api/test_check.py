"""check and the gate of migrate, through the Python API and the command line, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dbwarden
from dbwarden.api.check import LEVELS, explain
from dbwarden.api.sarif import to_sarif
from dbwarden.cli.app import run
from dbwarden.errors import FileFormatError, ModelPathError, UnknownDatabase, UnsafeMigration, UsageError
from tests.support.command import rows
from tests.support.project import Project

ENGINES = ("sqlite", "postgresql")
both = pytest.mark.parametrize("database_url", ENGINES, indirect=True)
BEFORE = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("phone", sa.Text))
"""
AFTER = BEFORE.replace(', sa.Column("phone", sa.Text)', "")
FORCE = dbwarden.MigrateOptions(force=True)


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    made = Project(tmp_path / "project", database_url)
    made.models(BEFORE)
    return made


def applied(project: Project, rows: bool = True) -> None:
    project.generate()
    dbwarden.migrate(config=project.config)
    if rows:
        project.execute("INSERT INTO users (id, phone) VALUES (1, '555');")


def add(project: Project, name: str, text: str) -> None:
    folder = project.folder / "migrations" / "primary"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


DROP = "-- upgrade\nALTER TABLE users DROP COLUMN phone;\n\n-- rollback\nALTER TABLE users ADD COLUMN phone TEXT;\n"


@both
def test_nothing_is_safe(project: Project) -> None:
    applied(project)
    report = dbwarden.check(config=project.config)
    assert (report.severity, report.findings, report.differences, report.clean) == ("SAFE", (), (), True)
    assert report.connected and not report.files and not report.notes
    assert not any(report.reaches(level) for level in LEVELS)


@both
def test_the_difference_between_models_and_database_is_judged_like_a_file(project: Project) -> None:
    applied(project)
    project.models(AFTER)
    report = dbwarden.check(config=project.config)
    assert report.severity == "CRITICAL" and not report.clean
    findings = {finding.rule: finding for finding in report.findings}
    assert findings["avoid-drift"].severity == "INFO"
    lost = findings["keep-data"]
    assert (lost.severity, lost.file, lost.line, lost.path) == ("CRITICAL", "models", 0, None)
    assert "column phone of users (" in lost.message
    assert not {"write-a-rollback", "set-lock-timeout"} & set(findings)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_difference_that_no_migration_can_make_leaves_the_files_judged(project: Project) -> None:
    project.models(BEFORE)
    project.generate()
    file = next((project.folder / "migrations" / "primary").iterdir())
    file.write_text(file.read_text().replace("phone", "fax").replace("id ", "number ").replace("(id", "(number"))
    report = dbwarden.check(config=project.config)
    assert "prove-what-was-edited" in {finding.rule for finding in report.findings}
    assert report.differences == (
        "replacing every column of users is not supported by SQLite: no row could be carried over",
    )
    assert not report.clean


@both
def test_pending_files_are_judged_with_the_rows_of_the_database(project: Project) -> None:
    applied(project, rows=False)
    add(project, "0002_drop.sql", DROP)
    empty = dbwarden.check(config=project.config)
    assert [(f.rule, f.severity) for f in empty.findings if f.rule == "keep-data"] == [("keep-data", "INFO")]
    assert empty.differences == ("users: column phone TEXT is in the models, not in the database",)
    assert "pending" in " ".join(empty.notes)
    project.execute("INSERT INTO users (id, phone) VALUES (1, '555');")
    full = dbwarden.check(config=project.config)
    (lost,) = [finding for finding in full.findings if finding.rule == "keep-data"]
    assert (lost.severity, lost.line, lost.file) == ("CRITICAL", 2, "0002_drop.sql")
    assert lost.path is not None and lost.path.exists()
    assert full.severity == "CRITICAL" and full.reaches("WARN") and full.files == ("0002_drop.sql",)


@both
def test_migrate_refuses_critical_findings_without_force(project: Project) -> None:
    applied(project)
    add(project, "0002_drop.sql", DROP)
    former = project.dump()
    with pytest.raises(UnsafeMigration) as refused:
        dbwarden.migrate(config=project.config)
    assert refused.value.exit_code == 5
    assert "column phone of users (1 value) is dropped" in refused.value.message
    assert "migrations/primary/0002_drop.sql:2, keep-data)" in refused.value.message
    assert "--force" in (refused.value.hint or "") and "ignore keep-data" in (refused.value.hint or "")
    assert project.dump() == former
    assert dbwarden.status(config=project.config).pending == 1
    assert dbwarden.migrate(config=project.config, options=dbwarden.MigrateOptions(dry_run=True)).planned
    assert [ran.file for ran in dbwarden.migrate(config=project.config, options=FORCE).migrations] == ["0002_drop.sql"]
    assert [ran.file for ran in dbwarden.rollback(config=project.config).migrations] == ["0002_drop.sql"]


@both
def test_what_is_ignored_with_a_reason_is_applied(project: Project) -> None:
    applied(project)
    add(project, "0002_drop.sql", DROP.replace("\nALTER", "\n-- dbwarden: ignore keep-data: unused\nALTER", 1))
    assert not [f for f in dbwarden.check(config=project.config).findings if f.rule == "keep-data"]
    assert dbwarden.migrate(config=project.config).migrations


@both
def test_an_empty_database_takes_a_history_that_drops(project: Project) -> None:
    project.generate()
    add(project, "0002_drop.sql", DROP)
    assert len(dbwarden.migrate(config=project.config).migrations) == 2


@both
def test_a_generated_drop_is_refused_and_a_rebuild_that_keeps_all_is_not(project: Project) -> None:
    applied(project)
    project.models(BEFORE.replace('"phone", sa.Text', '"phone", sa.Text, nullable=False'))
    project.generate("required")
    dbwarden.migrate(config=project.config)
    project.models(AFTER)
    project.generate("without phone")
    with pytest.raises(UnsafeMigration):
        dbwarden.migrate(config=project.config)


def unreachable(tmp_path: Path, models: str = '["m.py"]') -> str:
    (tmp_path / "m.py").write_text(BEFORE)
    (tmp_path / "warden.py").write_text(
        "from dbwarden import database_config\n"
        'primary = database_config(database_name="primary", database_type="postgresql",\n'
        f'    database_url_sync="postgresql://me:s3cret@127.0.0.1:1/none", model_paths={models})\n'
    )
    folder = tmp_path / "migrations" / "primary"
    folder.mkdir(parents=True)
    (folder / "0001_users.sql").write_text(
        "-- upgrade\nCREATE TABLE users (id bigint);\n-- rollback\nDROP TABLE users;\n"
    )
    (folder / "0010_last.sql").write_text(
        "-- upgrade\nDROP TABLE users;\n-- rollback\nCREATE TABLE users (id bigint);\n"
    )
    (folder / "0002_type.sql").write_text(
        "-- upgrade\nALTER TABLE users ALTER id TYPE integer;\n-- rollback\nALTER TABLE users ALTER id TYPE bigint;\n"
    )
    return str(tmp_path / "warden.py")


def test_without_a_database_all_files_are_judged_in_their_order(tmp_path: Path) -> None:
    report = dbwarden.check(config=unreachable(tmp_path))
    assert not report.connected and report.differences is None and report.severity == "CRITICAL"
    assert report.files == ("0001_users.sql", "0002_type.sql", "0010_last.sql")
    assert "Cannot connect" in report.notes[0] and "s3cret" not in str(report)
    assert next(f.message for f in report.findings if f.rule == "widen-types").startswith(
        "column id of users changes from bigint to integer"
    )


def test_mistakes_are_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = unreachable(tmp_path)
    with pytest.raises(UnknownDatabase):
        dbwarden.check("primry", config=config)
    with pytest.raises(UsageError, match="did you mean"):
        explain("keep-dta")
    assert run(["--config", config, "check", "--fail-on", "BAD"]) == 2
    (tmp_path / "migrations" / "primary" / "0011_x.sql").write_text("DROP TABLE a;")
    with pytest.raises(FileFormatError):
        dbwarden.check(config=config)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_models_that_cannot_be_read_are_no_reason_to_say_safe(project: Project) -> None:
    applied(project)
    text = Path(project.config).read_text()
    Path(project.config).write_text(text.replace("models_1.py", "gone.py"))
    with pytest.raises(ModelPathError):
        dbwarden.check(config=project.config)
    Path(project.config).write_text(text.replace('["models_1.py"]', "[]"))
    report = dbwarden.check(config=project.config)
    assert report.differences is None and "model_paths" in report.notes[0]


def command(*arguments: str, capsys: Any) -> tuple[int, str, str]:
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_exit_codes_and_forms(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def check(*arguments: str) -> tuple[int, str, str]:
        return command("--config", project.config, "check", *arguments, capsys=capsys)

    applied(project)
    assert check("--exit-code")[:2] == (
        0,
        "SAFE: nothing found; nothing is pending; models and database primary agree\n",
    )
    add(project, "0002_drop.sql", DROP)
    code, out, err = check()
    assert code == 5 and "this is what remains to do behind it" in err
    file, first, *_, verdict = out.splitlines()
    assert file.endswith("0002_drop.sql") and first.startswith("  CRITICAL  column phone of users (1 row) is dropped")
    assert f"            {file}:2: ALTER TABLE users DROP COLUMN phone;  [keep-data]\n" in out
    assert verdict.startswith("CRITICAL: 1 critical finding, ") and "in 1 pending file; 1 difference between" in verdict
    assert check("--force")[0] == 0
    assert check("--force", "--exit-code")[0] == 4
    project.execute("DELETE FROM users;")
    assert check()[0] == 0
    assert check("--exit-code")[0] == 4
    assert check("--fail-on", "info")[0] == 5
    document = json.loads(check("--out", "json")[1])
    assert document["severity"] == "INFO" and document["findings"][0]["rule"] == "keep-data"
    assert "| INFO | [`keep-data`](" in check("--out", "markdown")[1]
    assert check("--explain", "keep-data")[1].startswith("Keep data until nobody needs it\n")
    sarif = json.loads(check("--all", "--out", "sarif")[1])
    assert len(sarif["runs"]) == 1


def test_sarif(tmp_path: Path) -> None:
    report = dbwarden.check(config=unreachable(tmp_path))
    document = to_sarif([report])
    assert json.loads(json.dumps(document)) == document
    assert document["version"] == "2.1.0"
    (one,) = document["runs"]
    rules = one["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(one["results"]) == len(report.findings)
    for entry in one["results"]:
        assert rules[entry["ruleIndex"]]["id"] == entry["ruleId"]
        assert entry["level"] in ("note", "warning", "error") and entry["message"]["text"]
        place = entry["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].startswith("migrations/primary/00")
        assert place["region"]["startLine"] >= 1
    assert one["originalUriBaseIds"]["PROJECT"]["uri"].endswith("/")


# -- what the gate of migrate sees ---------------------------------------------------------------------------------

LOSSES = {
    "drop and add": "ALTER TABLE users DROP COLUMN phone;\nALTER TABLE users ADD COLUMN phone TEXT;",
    "rename, add and drop": "ALTER TABLE users RENAME COLUMN phone TO old;\nALTER TABLE users ADD COLUMN phone TEXT;\n"
    "ALTER TABLE users DROP COLUMN old;",
    "drop and create": "DROP TABLE users;\nCREATE TABLE users (id INTEGER PRIMARY KEY, phone TEXT);",
    "rename and drop": "ALTER TABLE users RENAME TO former;\nALTER TABLE former RENAME TO ancient;\n"
    "CREATE TABLE users (id INTEGER);\nDROP TABLE ancient;",
    "create if it is not there": "CREATE TABLE IF NOT EXISTS users (id INTEGER);\nDROP TABLE users;",
    "a comment": "DROP /* old */ TABLE -- invoices\n users;",
    "a copy of some rows": "CREATE TABLE new (id INTEGER, phone TEXT);\n"
    "INSERT INTO new (id, phone) SELECT id, phone FROM users WHERE id > 1;\nDROP TABLE users;\n"
    "ALTER TABLE new RENAME TO users;",
    "a copy of some columns": "CREATE TABLE new (id INTEGER);\nINSERT INTO new (id) SELECT id FROM users;\n"
    "DROP TABLE users;\nALTER TABLE new RENAME TO users;",
    "delete behind with": "WITH old AS (SELECT 1 WHERE false) DELETE FROM users;",
}
POSTGRESQL_LOSSES = {
    "one statement": "ALTER TABLE users ADD COLUMN phone TEXT, DROP COLUMN phone;",
    "a comment before the schema": "CREATE SCHEMA s;\nALTER TABLE users SET SCHEMA s;\nDROP /* x */ SCHEMA s CASCADE;",
    "a common table expression": "WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone;",
    "explain": "EXPLAIN (ANALYZE) DELETE FROM users;",
    "a cut value": "ALTER TABLE users ALTER COLUMN phone TYPE varchar(1) USING phone::varchar(1);",
}


def refused(project: Project, upgrade: str) -> None:
    add(project, "0002_loss.sql", f"-- upgrade\n{upgrade}\n\n-- rollback\nSELECT 1;\n")
    with pytest.raises(UnsafeMigration):
        dbwarden.migrate(config=project.config)
    assert rows(project.url, "SELECT phone FROM users") == [("555",)]


@both
@pytest.mark.parametrize("upgrade", LOSSES.values(), ids=LOSSES)
def test_no_row_or_value_is_lost_without_force(project: Project, upgrade: str) -> None:
    applied(project)
    refused(project, upgrade)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("upgrade", POSTGRESQL_LOSSES.values(), ids=POSTGRESQL_LOSSES)
def test_no_row_or_value_is_lost_without_force_on_postgresql(project: Project, upgrade: str) -> None:
    applied(project)
    refused(project, upgrade)


@both
def test_a_table_that_a_pending_file_renames_is_not_empty(project: Project) -> None:
    applied(project)
    add(project, "0002_rename.sql", "-- upgrade\nALTER TABLE users RENAME TO former;\n-- rollback\nSELECT 1;\n")
    add(project, "0003_drop.sql", "-- upgrade\nDROP TABLE former;\n-- rollback\nSELECT 1;\n")
    with pytest.raises(UnsafeMigration, match=r"table former .*0003_drop\.sql:2, keep-data"):
        dbwarden.migrate(config=project.config)


@both
def test_the_gate_knows_what_an_adopted_table_has(project: Project) -> None:
    project.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, phone TEXT);")
    project.execute("INSERT INTO users (id, phone) VALUES (1, '555');")
    copy = "CREATE TABLE new ({0});\nINSERT INTO new ({1}) SELECT {1} FROM users;\n"
    swap = "DROP TABLE users;\nALTER TABLE new RENAME TO users;"
    refused(project, copy.format("id INTEGER PRIMARY KEY", "id") + swap)
    whole = copy.format("id INTEGER PRIMARY KEY, phone TEXT", "id, phone") + swap
    add(project, "0002_loss.sql", f"-- upgrade\n{whole}\n\n-- rollback\nSELECT 1;\n")
    dbwarden.migrate(config=project.config)
    assert rows(project.url, "SELECT phone FROM users") == [("555",)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_gate_asks_for_the_former_type(project: Project) -> None:
    project.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, phone TEXT);")
    project.execute("INSERT INTO users (id, phone) VALUES (1, '555');")
    refused(project, "ALTER TABLE users ALTER COLUMN phone TYPE varchar(1) USING phone::varchar(1);")
    refused(project, "ALTER TABLE users DROP COLUMN phone, ADD COLUMN phone text GENERATED ALWAYS AS ('x') STORED;")


@both
def test_a_computed_column_that_takes_the_place_of_a_stored_one(project: Project) -> None:
    applied(project)
    project.models(BEFORE.replace('"phone", sa.Text', '"phone", sa.Text, sa.Computed("\'x\'", persisted=True)'))
    project.generate("computed")
    with pytest.raises(UnsafeMigration):
        dbwarden.migrate(config=project.config)
    assert rows(project.url, "SELECT phone FROM users") == [("555",)]


@both
def test_a_table_without_rows_loses_nothing(project: Project) -> None:
    """Whatever the statistics and the size of its file say."""
    applied(project)
    project.execute("DELETE FROM users;")
    add(project, "0002_drop.sql", DROP)
    report = dbwarden.check(config=project.config)
    lost = next(one for one in report.findings if one.rule == "keep-data")
    assert (lost.severity, "users (empty" in lost.message) == ("INFO", True), lost.message
    assert dbwarden.migrate(config=project.config).migrations
