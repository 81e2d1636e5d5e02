"""``check-db --out sql`` and ``snapshot``: the SQL runs on an empty database, which the engine then dumps alike."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.sqltext import split
from dbwarden.errors import AmbiguousTable, FileExists, UnknownTable
from tests.servers import VENDORS
from tests.support.cases import FOLDER, PAIRS
from tests.support.dump import dump
from tests.support.effort import NIGHTLY
from tests.support.project import Project

_OBJECTS = [pair for pair in PAIRS if pair[0].startswith("objects/")]
_OTHERS = [pair for pair in PAIRS if pair not in _OBJECTS]
SAMPLE = PAIRS if NIGHTLY else [*_OBJECTS, *_OTHERS[::40]]


def run_script(script: str, url: str) -> None:
    """Run a script as the engine's client splits it."""
    rules = dialects.get(url.partition(":")[0]).lexical_rules
    with connect(url) as conn:
        for statement in split(script, rules):
            conn.execute(statement.text)


@pytest.mark.parametrize(("case", "database_url"), SAMPLE, indirect=["database_url"])
def test_schema_runs_on_an_empty_database(case: str, database_url: str, reference_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", database_url)
    project.reach((FOLDER / case / "after.py").read_text())
    report = dbwarden.check_db(config=project.config, ddl=True)
    assert report.refused == ()
    run_script(report.script, reference_url)
    assert dump(reference_url) == project.dump(), report.script


SCHEMAS = {
    "postgresql": """
CREATE SCHEMA audit;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE SEQUENCE tickets START 100;
CREATE FUNCTION z_base(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n + 1';
CREATE FUNCTION a_chain(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT z_base(n) * 2';
CREATE TABLE teams (id integer PRIMARY KEY, code text NOT NULL, CONSTRAINT teams_code UNIQUE (code));
CREATE TABLE audit.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);
CREATE TABLE users (
    id serial PRIMARY KEY, team text REFERENCES teams (code), mail email, feeling mood DEFAULT 'ok',
    ticket bigint DEFAULT nextval('tickets'), n integer DEFAULT a_chain(1), CONSTRAINT n_is_even CHECK (a_chain(n) > 0)
);
CREATE INDEX users_by_mail ON users (lower(mail::text));
CREATE STATISTICS users_stats (dependencies) ON team, n FROM users;
COMMENT ON TABLE users IS 'those who log in; and others';
COMMENT ON COLUMN users.mail IS 'one; each';
CREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM users';
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO audit.log (line) VALUES (NEW.mail); RETURN NEW; END $$;
CREATE TRIGGER users_noted AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_team ON users USING (team = current_setting('app.team', true));
GRANT SELECT (id, mail) ON users TO PUBLIC;
CREATE VIEW z_users AS SELECT id, team FROM users;
CREATE VIEW a_teams AS SELECT t.id, count_users() AS n FROM teams t JOIN z_users ON z_users.team = t.code;
CREATE MATERIALIZED VIEW totals AS SELECT team, count(*) AS n FROM z_users GROUP BY team;
CREATE UNIQUE INDEX totals_by_team ON totals (team);
CREATE TABLE events (id integer, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX events_by_id ON events (id);
""",
    "sqlite": """
CREATE TABLE teams (id INTEGER PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE);
CREATE TABLE log (line TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, team VARCHAR(10) REFERENCES teams (code),
    n INTEGER DEFAULT 1 CHECK (n > 0), twice INTEGER GENERATED ALWAYS AS (n * 2) STORED);
CREATE INDEX users_by_n ON users (n) WHERE n > 5;
CREATE VIEW z_users AS SELECT id, team FROM users;
CREATE VIEW a_teams AS SELECT t.id FROM teams t JOIN z_users ON z_users.team = t.code;
CREATE TRIGGER users_noted AFTER INSERT ON users BEGIN
    INSERT INTO log (line) VALUES ('a;b'); UPDATE teams SET code = code; END;
CREATE TRIGGER a_teams_new INSTEAD OF INSERT ON a_teams BEGIN SELECT 1; END;
""",
    "clickhouse": """
CREATE TABLE teams (id UInt32, code String) ENGINE = MergeTree ORDER BY id COMMENT 'the; teams';
CREATE FUNCTION dbw_snapshot_twice AS (x) -> x * 2;
CREATE TABLE users (id UInt32, team String, n UInt32 DEFAULT dbw_snapshot_twice(id), INDEX by_n n TYPE minmax,
    CONSTRAINT positive CHECK n >= 0) ENGINE = MergeTree PARTITION BY team ORDER BY (team, id) SETTINGS index_granularity = 1024;
CREATE VIEW z_users AS SELECT id, team FROM users;
CREATE VIEW a_teams AS SELECT t.id AS id FROM teams AS t JOIN z_users AS u ON u.team = t.code;
CREATE TABLE totals (team String, n UInt64) ENGINE = SummingMergeTree ORDER BY team;
CREATE MATERIALIZED VIEW a_totals TO totals AS SELECT team, toUInt64(n) AS n FROM users;
""",
    "mysql": """
CREATE TABLE teams (id INT PRIMARY KEY, code VARCHAR(10) NOT NULL, UNIQUE KEY teams_code (code)) COMMENT 'the; teams';
CREATE TABLE log (line VARCHAR(200));
CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, team VARCHAR(10), n INT DEFAULT 1, twice INT AS (n * 2) STORED,
    CONSTRAINT users_team FOREIGN KEY (team) REFERENCES teams (code), CONSTRAINT positive CHECK (n > 0),
    about TEXT, FULLTEXT KEY users_about (about)) ROW_FORMAT=COMPRESSED;
CREATE FUNCTION z_base(n int) RETURNS INT DETERMINISTIC RETURN n + 1;
CREATE FUNCTION a_chain(n int) RETURNS INT DETERMINISTIC BEGIN DECLARE x INT; SET x = z_base(n); RETURN x * 2; END;
CREATE VIEW z_users AS SELECT id, team FROM users;
CREATE VIEW a_teams AS SELECT t.id, a_chain(1) AS n FROM teams t JOIN z_users ON z_users.team = t.code;
CREATE TRIGGER users_noted AFTER INSERT ON users FOR EACH ROW BEGIN
    INSERT INTO log (line) VALUES ('a;b'); UPDATE teams SET code = code; END;
CREATE PROCEDURE clean() BEGIN DELETE FROM log; DELETE FROM users; END;
""",
}
SCHEMAS["mariadb"] = SCHEMAS["mysql"].replace("(n int)", "(n int(11))") + "CREATE SEQUENCE tickets START WITH 100;\n"
"""Objects of every kind, named so that their alphabetical order is not the one in which they can be created."""


def built(folder: Path, url: str) -> Project:
    """A database with the schema of its engine, made by nobody's migrations."""
    project = Project(folder, url)
    project.models("import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    run_script(SCHEMAS[project.engine], url)
    return project


@pytest.fixture
def sweep_functions(request: pytest.FixtureRequest, database_url: str) -> None:
    """On ClickHouse, functions belong to the server and would be there for the next test."""
    if database_url.startswith("clickhouse"):
        request.addfinalizer(lambda: run_script("DROP FUNCTION IF EXISTS dbw_snapshot_twice;", database_url))


@pytest.mark.usefixtures("sweep_functions")
@pytest.mark.parametrize("database_url", VENDORS, indirect=True)
def test_schema_of_others_runs_on_an_empty_database(database_url: str, reference_url: str, tmp_path: Path) -> None:
    project = built(tmp_path / "project", database_url)
    report = dbwarden.check_db(config=project.config, ddl=True)
    assert report.refused == ()
    before = project.dump()
    if database_url.startswith("clickhouse"):
        run_script("DROP FUNCTION dbw_snapshot_twice;", database_url)
    run_script(report.script, reference_url)
    assert dump(reference_url) == before, report.script


@pytest.mark.usefixtures("sweep_functions")
@pytest.mark.parametrize("database_url", VENDORS, indirect=True)
def test_a_table_comes_with_what_belongs_to_it(database_url: str, reference_url: str, tmp_path: Path) -> None:
    project = built(tmp_path / "project", database_url)
    report = dbwarden.snapshot("users", config=project.config)
    assert "table users" in report.objects and not report.refused
    if database_url.startswith("clickhouse"):
        run_script("DROP FUNCTION dbw_snapshot_twice;", database_url)
    run_script(report.script, reference_url)
    mine, whole = dump(reference_url), project.dump()
    users = [line for line in whole if "users" in line and not any(word in line for word in OTHERS)]
    assert users and [line for line in users if line not in mine] == [], "\n".join(mine)
    assert not any(word in line for line in mine for word in OTHERS)


OTHERS = ("a_teams", "z_users", "totals", "count_users", "clean", "events")
"""What neither belongs to the table nor is needed by it."""


def test_snapshot_of_a_partitioned_table(postgresql_url: str, tmp_path: Path) -> None:
    project = built(tmp_path / "project", postgresql_url)
    report = dbwarden.snapshot("events", config=project.config)
    sql = "\n".join(report.ddl)
    assert "PARTITION OF events" in sql and "events_2025" in sql and "events_rest" in sql and "events_by_id" in sql
    assert "users" not in sql


def test_what_belongs_and_what_is_needed(postgresql_url: str, tmp_path: Path) -> None:
    project = built(tmp_path / "project", postgresql_url)
    report = dbwarden.snapshot("public.users", config=project.config)
    assert {one.partition(" ")[0] for one in report.objects} >= {
        "table", "index", "check", "policy", "trigger", "privileges", "statistics", "primary", "foreign",
    }  # fmt: skip
    assert set(report.required) >= {
        "enum mood", "domain email", "sequence tickets", "table teams", "unique teams.teams_code", "schema audit",
        "table audit.log", "function noted()", "function a_chain(n integer)", "function z_base(n integer)",
    }  # fmt: skip
    alone = dbwarden.snapshot("users", config=project.config, alone=True)
    assert alone.required == () and alone.objects == report.objects
    assert set(alone.ddl) < set(report.ddl)


def test_snapshot_is_written_once(sqlite_url: str, tmp_path: Path) -> None:
    project = built(tmp_path / "project", sqlite_url)
    path = tmp_path / "users.sql"
    report = dbwarden.snapshot("users", config=project.config, out=path)
    assert path.read_text() == report.script and "CREATE TABLE users" in report.script
    with pytest.raises(FileExists):
        dbwarden.snapshot("users", config=project.config, out=path)
    dbwarden.snapshot("teams", config=project.config, out=path, force=True)
    assert "CREATE TABLE users" not in path.read_text()


def test_names_that_are_none(postgresql_url: str, tmp_path: Path) -> None:
    project = built(tmp_path / "project", postgresql_url)
    with pytest.raises(UnknownTable, match="did you mean 'users'"):
        dbwarden.snapshot("usres", config=project.config)
    run_script("CREATE SCHEMA b; CREATE TABLE b.twice (id int); CREATE TABLE audit.twice (id int);", postgresql_url)
    with pytest.raises(AmbiguousTable, match=r"table audit.twice, table b.twice"):
        dbwarden.snapshot("twice", config=project.config)
    assert "CREATE TABLE b.twice" in dbwarden.snapshot("b.twice", config=project.config).script
