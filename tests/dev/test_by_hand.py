"""Files written for PostgreSQL by hand, run on the SQLite dev database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

import dbwarden
from dbwarden.api.progress import Translated
from dbwarden.errors import LossyTranslation, MigrationFailed
from tests.dev.project import DevProject

UPGRADE = """
CREATE EXTENSION IF NOT EXISTS citext;
SET LOCAL lock_timeout = '5s';
CREATE SCHEMA audit;
CREATE TABLE audit.log (
    id bigserial PRIMARY KEY,
    ref uuid NOT NULL DEFAULT gen_random_uuid(),
    data jsonb NOT NULL DEFAULT '{}'::jsonb,
    tags text[],
    at timestamptz DEFAULT now(),
    price numeric(10, 2) CHECK (price > 0),
    UNIQUE (ref)
);
COMMENT ON TABLE audit.log IS 'what happened';
CREATE INDEX ix_log_at ON audit.log USING btree (at DESC NULLS LAST) WHERE price IS NOT NULL;
CREATE INDEX ix_log_data ON audit.log USING gin (data);
ALTER TABLE audit.log ADD COLUMN note varchar(20), ADD CONSTRAINT uq_note UNIQUE (note);
ALTER TABLE audit.log ALTER COLUMN note SET NOT NULL;
INSERT INTO audit.log (data, price, note) VALUES ('{"a": 1}'::jsonb, 2.5, 'x')
    ON CONFLICT (note) DO UPDATE SET price = EXCLUDED.price;
CREATE OR REPLACE VIEW recent AS SELECT id::text AS id, data ->> 'a' AS a FROM audit.log WHERE at > now() - interval '1 day';
GRANT SELECT ON audit.log TO PUBLIC;
"""
ROLLBACK = "DROP VIEW recent;\nDROP TABLE audit.log CASCADE;\nDROP SCHEMA audit;"


@pytest.fixture
def project(tmp_path: Path) -> DevProject:
    project = DevProject(tmp_path)
    project.configure("models.py")
    return project


def rows(project: DevProject, sql: str) -> list[tuple[Any, ...]]:
    conn = sqlite3.connect(project.dev_path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def test_there_and_back(project: DevProject) -> None:
    project.write("0001_log", UPGRADE, ROLLBACK)
    seen: list[Any] = []
    report = project.migrate(events=seen.append)
    assert rows(project, "SELECT id, length(ref), data, price, note FROM audit__log") == [(1, 32, '{"a": 1}', 2.5, "x")]
    assert rows(project, "SELECT id, a FROM recent") == [("1", 1)]
    assert [loss.rpartition(" (")[0] for loss in report.translation_losses] == [
        "0001_log.sql:3: CREATE EXTENSION IF NOT EXISTS citext is left out",
        "0001_log.sql:4: SET LOCAL lock_timeout = '5s' is left out",
        "0001_log.sql:5: CREATE SCHEMA audit is left out",
        "0001_log.sql:6: audit__log.tags: text[] becomes TEXT",
        "0001_log.sql:6: audit__log.at: timestamptz becomes DATETIME",
        "0001_log.sql:15: COMMENT ON TABLE audit.log IS 'what happened' is left out",
        "0001_log.sql:17: CREATE INDEX ix_log_data ON audit.log USING gin (data) is left out",
        "0001_log.sql:19: ALTER TABLE audit__log ALTER COLUMN note SET NOT NULL is left out",
        "0001_log.sql:23: GRANT SELECT ON audit.log TO PUBLIC is left out",
    ]
    translated = [event for event in seen if isinstance(event, Translated)]
    assert [(event.file, event.losses) for event in translated] == [("0001_log.sql", report.translation_losses)]
    assert dbwarden.status(config=project.config, dev=True).clean
    back = project.rollback()
    assert [loss.rpartition(" (")[0] for loss in back.translation_losses] == [
        "0001_log.sql:29: DROP SCHEMA audit is left out"
    ]
    assert project.dev_dump() == []


def test_the_way_back_is_stored_translated(project: DevProject) -> None:
    path = project.write("0001_log", UPGRADE, ROLLBACK)
    project.migrate()
    path.unlink()
    project.rollback()
    assert project.dev_dump() == []


def test_strict_executes_nothing(project: DevProject) -> None:
    project.write("0001_fine", "CREATE TABLE a (id serial PRIMARY KEY, u uuid);", "DROP TABLE a;")
    project.write("0002_log", UPGRADE, ROLLBACK)
    with pytest.raises(LossyTranslation) as raised:
        project.migrate(strict_translation=True)
    assert len(raised.value.losses) == 9
    assert project.dev_dump() == []


def test_strict_lets_exact_translations_through(project: DevProject) -> None:
    project.write("0001_fine", "CREATE TABLE a (id serial PRIMARY KEY, u uuid);", "DROP TABLE a;")
    assert [run.key for run in project.migrate(strict_translation=True).migrations] == ["0001"]
    assert project.migrate(strict_translation=True).migrations == ()


def test_a_written_variant_is_run_as_it_is(project: DevProject) -> None:
    path = project.write("0001_a", "CREATE TABLE a (tags text[]);", "DROP TABLE a;")
    path.write_text(
        path.read_text() + "\n-- upgrade: sqlite\nCREATE TABLE a (tags JSON);\n-- rollback: sqlite\nDROP TABLE a;\n"
    )
    assert project.migrate(strict_translation=True).translation_losses == ()
    assert rows(project, "SELECT type FROM pragma_table_info('a')") == [("JSON",)]


def test_a_file_that_means_nothing_here_is_applied_and_returned(project: DevProject) -> None:
    project.write("0001_grants", "GRANT SELECT ON a TO b;", "REVOKE SELECT ON a FROM b;")
    assert [run.key for run in project.migrate().migrations] == ["0001"]
    assert [run.key for run in project.rollback().migrations] == ["0001"]


def test_an_error_names_the_line_in_the_file(project: DevProject) -> None:
    project.write("0001_a", "CREATE TABLE a (id int);\n\nINSERT INTO nowhere\nVALUES ('1'::uuid);")
    with pytest.raises(MigrationFailed, match=r"0001_a.sql:4: statement 2 of 2 failed"):
        project.migrate()


def test_checksums_are_those_of_the_file(project: DevProject, postgresql_url: str) -> None:
    project.write("0001_log", UPGRADE.replace("CREATE EXTENSION IF NOT EXISTS citext;", ""), ROLLBACK)
    project.migrate()
    project.configure("models.py", postgresql_url)
    project.migrate(dev=False)
    ours, theirs = (dbwarden.history(config=project.config, dev=dev).events[0] for dev in (True, False))
    assert ours.checksum == theirs.checksum


def test_dry_run_shows_what_would_run(project: DevProject) -> None:
    project.write("0001_a", "CREATE TABLE a (u uuid);\nGRANT SELECT ON a TO b;", "DROP TABLE a;")
    (planned,) = project.migrate(dry_run=True).planned
    assert planned.statements == ("CREATE TABLE a (u TEXT)",)


def test_the_translator_itself_says_nothing(project: DevProject, caplog: pytest.LogCaptureFixture) -> None:
    project.write("0001_log", UPGRADE + "ALTER TABLE audit.log ENABLE ROW LEVEL SECURITY;", ROLLBACK)
    project.migrate()
    assert not caplog.records
