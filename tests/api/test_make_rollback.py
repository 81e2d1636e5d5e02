"""``make-rollback``: the section leads back exactly, on every engine, and says what it cannot bring back."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden.cli.app import run
from dbwarden.errors import NoRollbackMade, RollbackExists, UsageError
from tests.servers import VENDORS
from tests.support.cases import FOLDER, PAIRS
from tests.support.effort import NIGHTLY
from tests.support.project import Project

FIRST = """-- upgrade
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50) NOT NULL, age INTEGER);
CREATE TABLE log (id INTEGER NOT NULL PRIMARY KEY, line VARCHAR(50));

-- rollback
DROP TABLE log;
DROP TABLE users;
"""
SECOND = """-- upgrade
-- what it is for
ALTER TABLE users ADD COLUMN email VARCHAR(100);
CREATE INDEX users_by_name ON users (name);
CREATE VIEW named AS SELECT id, name FROM users;
"""
CLICKHOUSE = {
    FIRST: FIRST.replace(" NOT NULL PRIMARY KEY", " NOT NULL")
    .replace("50));", "50)) ENGINE = MergeTree ORDER BY id;")
    .replace("age INTEGER);", "age Nullable(INTEGER)) ENGINE = MergeTree ORDER BY id;"),
    SECOND: SECOND.replace(
        "CREATE INDEX users_by_name ON users (name)", "ALTER TABLE users ADD INDEX by_name name TYPE minmax"
    ),
}


def prepared(folder: Path, url: str, second: str = SECOND, *, migrate: int | None = 1) -> Project:
    """A project with two files, of which the first is applied."""
    project = Project(folder, url)
    project.models("import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    migrations = folder / "migrations" / "primary"
    migrations.mkdir(parents=True)
    for name, text in {"0001_first.sql": FIRST, "0002_second.sql": second}.items():
        written = CLICKHOUSE.get(text, text) if url.startswith("clickhouse") else text
        (migrations / name).write_bytes(written.encode())
    if migrate:
        dbwarden.migrate(config=project.config, count=migrate, options=dbwarden.MigrateOptions(force=True))
    return project


@pytest.mark.parametrize("database_url", VENDORS, indirect=True)
def test_the_section_leads_back(database_url: str, tmp_path: Path) -> None:
    project = prepared(tmp_path / "project", database_url)
    path, before = project.files()[1], project.dump()
    text = path.read_text()
    report = dbwarden.make_rollback("0002", config=project.config)
    assert report.complete and report.path == path and project.dump() == before
    assert path.read_text().startswith(text + "\n-- rollback\n")
    assert dbwarden.check(config=project.config).findings is not None
    project.migrate()
    assert project.dump() != before
    project.rollback()
    assert project.dump() == before


def test_renames_are_renamed_back(database_url: str, tmp_path: Path) -> None:
    project = prepared(
        tmp_path / "project",
        database_url,
        "-- upgrade\nALTER TABLE users RENAME COLUMN name TO full_name;\nALTER TABLE users RENAME TO people;\n",
    )
    project.execute("INSERT INTO users (id, name) VALUES (1, 'Ada')")
    before = project.dump()
    report = dbwarden.make_rollback("0002_second.sql", config=project.config)
    assert report.complete and len(report.rollback) == 2 and all("RENAME" in sql for sql in report.rollback)
    project.migrate()
    project.rollback()
    assert project.dump() == before
    assert project.rows({"users": ["id", "name"]}) == {"users": [("1", "Ada")]}


def test_lost_rows_are_named(database_url: str, tmp_path: Path) -> None:
    project = prepared(
        tmp_path / "project",
        database_url,
        "-- upgrade\nUPDATE users SET name = 'x';\nALTER TABLE users DROP COLUMN age;\n"
        "CREATE TABLE kinds (id INTEGER NOT NULL PRIMARY KEY);\nINSERT INTO kinds (id) VALUES (1);\n",
    )
    report = dbwarden.make_rollback("0002", config=project.config)
    assert [line.partition(":")[0].partition(" (")[0] for line in report.not_restored] == ["users.age", "line 2"]
    assert run(["--config", project.config, "make-rollback", "0002", "--force"]) == 4


def test_rows_alone_have_no_way_back(sqlite_url: str, tmp_path: Path) -> None:
    project = prepared(tmp_path / "project", sqlite_url, "-- upgrade\nUPDATE users SET name = 'x';\n")
    text = project.files()[1].read_text()
    with pytest.raises(NoRollbackMade, match="line 2") as raised:
        dbwarden.make_rollback("0002", config=project.config)
    assert raised.value.exit_code == 1 and run(["--config", project.config, "make-rollback", "0002"]) == 1
    assert project.files()[1].read_text() == text


def test_what_the_engine_cannot_undo(postgresql_url: str, tmp_path: Path) -> None:
    project = prepared(tmp_path / "project", postgresql_url, "-- upgrade\nSELECT missing_function();\n")
    with pytest.raises(NoRollbackMade, match="its upgrade fails"):
        dbwarden.make_rollback("0002", config=project.config)


def test_applied_files_get_one_too(database_url: str, tmp_path: Path) -> None:
    project = prepared(tmp_path / "project", database_url, migrate=2)
    after = project.dump()
    report = dbwarden.make_rollback("0002", config=project.config)
    assert report.complete and project.dump() == after
    project.rollback()
    assert project.dump() != after
    project.migrate()
    with pytest.raises(UsageError, match="is not replaced"):
        dbwarden.make_rollback("0001", config=project.config, force=True)


def test_a_rollback_is_not_overwritten(sqlite_url: str, tmp_path: Path) -> None:
    project = prepared(tmp_path / "project", sqlite_url, f"{SECOND}\n-- rollback\nDROP VIEW named;\n")
    text = project.files()[1].read_text()
    with pytest.raises(RollbackExists):
        dbwarden.make_rollback("0002", config=project.config)
    assert project.files()[1].read_text() == text
    dbwarden.make_rollback("0002", config=project.config, force=True)
    assert (
        project.files()[1].read_text().startswith(f"{SECOND}\n-- rollback\n") and project.files()[1].read_text() != text
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SECOND, SECOND + "\n-- rollback\n{}"),
        (SECOND.rstrip(), SECOND.rstrip() + "\n\n-- rollback\n{}"),
        ("\ufeff" + SECOND.replace("\n", "\r\n"), "\ufeff" + SECOND.replace("\n", "\r\n") + "\r\n-- rollback\r\n{}"),
        (SECOND + "\n-- rollback\n", SECOND + "\n-- rollback\n{}"),
        (SECOND + "\n-- Rollback\n-- to be written\n", SECOND + "\n-- Rollback\n-- to be written\n{}"),
        (
            SECOND + "\n-- upgrade: postgresql\nSELECT 1;\n-- rollback: postgresql\nSELECT 2;\n",
            SECOND + "\n-- rollback\n{}\n-- upgrade: postgresql\nSELECT 1;\n-- rollback: postgresql\nSELECT 2;\n",
        ),
    ],
)
def test_every_other_byte_stays(before: str, after: str, sqlite_url: str, tmp_path: Path) -> None:
    project = prepared(tmp_path / "project", sqlite_url, before)
    report = dbwarden.make_rollback("0002", config=project.config)
    end = "\r\n" if "\r\n" in before else "\n"
    body = f"{end}{end}".join(sql.replace("\n", end) + ";" for sql in report.rollback) + end
    assert project.files()[1].read_bytes().decode() == after.format(body)


ELSEWHERE = ("clickhouse/engines", "clickhouse/engines_elsewhere")
"""Cases with tables whose rows are on other servers, which need a server of their own to be tried out."""
REMADE = [pair for pair in PAIRS if pair[0].partition("/")[0] != "renames" and pair[0] not in ELSEWHERE]


@pytest.mark.parametrize(("case", "database_url"), REMADE if NIGHTLY else REMADE[5::90], indirect=["database_url"])
def test_generated_rollbacks_are_written_again(case: str, database_url: str, tmp_path: Path) -> None:
    """A generated file without its rollback gets one that leads back as well."""
    project = Project(tmp_path / "project", database_url)
    project.models((FOLDER / case / "before.py").read_text())
    if not project.generate("before", proof=False).empty:
        project.migrate()
    project.models((FOLDER / case / "after.py").read_text())
    report = project.generate(proof=False)
    text = report.path.read_text()
    report.path.write_text(text[: text.index("-- rollback\n")])
    before = project.dump()
    dbwarden.make_rollback(report.version, config=project.config)
    project.migrate()
    project.rollback()
    assert project.dump() == before
