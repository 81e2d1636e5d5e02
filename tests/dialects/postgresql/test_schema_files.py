"""Types, extensions and rights in ``schema/*.sql``: a database that has them is adopted as it is, an empty one gets them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.sqltext import split
from dbwarden.dialects.postgresql.words import LEXICAL_RULES
from dbwarden.errors import ModelConflict, ModelReadError
from tests.servers import Server
from tests.servers.databases import Databases
from tests.support.dump import dump_postgresql
from tests.support.project import Project, create_all, metadata_of

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
accounts = sa.Table("accounts", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("tenant", sa.Text),
    sa.Column("name", sa.Text))
other = sa.Table("log", metadata, sa.Column("id", sa.Integer), schema="audit")
"""
TYPES = """
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
CREATE DOMAIN email AS citext NOT NULL DEFAULT 'a@b' CONSTRAINT has_at CHECK (VALUE LIKE '%@%') CHECK (length(VALUE) > 2);
COMMENT ON DOMAIN email IS 'an address';
CREATE TYPE address AS (street text, zip varchar(10));
COMMENT ON TYPE address IS 'where one lives';
CREATE TYPE mood AS ENUM ('sad', 'ok');
COMMENT ON TYPE mood IS 'how somebody feels';
COMMENT ON EXTENSION citext IS 'addresses';
CREATE VIEW named AS SELECT 1 AS n;
COMMENT ON COLUMN named.n IS 'one';
CREATE TYPE speed AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE COLLATION caseless (provider = icu, deterministic = false, locale = 'und-u-ks-level2');
CREATE TEXT SEARCH DICTIONARY stems (TEMPLATE = snowball, language = german);
CREATE TEXT SEARCH CONFIGURATION words (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR word, asciiword WITH stems;
ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR int WITH simple;
COMMENT ON TEXT SEARCH CONFIGURATION words IS 'of books';
CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
"""
RIGHTS = """
CREATE SEQUENCE tickets AS integer INCREMENT BY 5 START WITH 100 NO MAXVALUE CACHE 7 CYCLE OWNED BY accounts.id;
COMMENT ON SEQUENCE tickets IS 'numbers on paper';
CREATE EXTENSION postgres_fdw;
CREATE SERVER billing TYPE 'main' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'billing', host 'db2');
CREATE FOREIGN TABLE audit.invoices (
    nr integer OPTIONS (column_name 'number') NOT NULL,
    amount numeric(10, 2) DEFAULT 0.5 CHECK (amount > 0),
    "from" text COLLATE "C" NOT NULL DEFAULT 'a:b',
    home address,
    CONSTRAINT numbered CHECK (nr > 0 AND "from" <> ':x')
) SERVER billing OPTIONS (schema_name 'books', table_name 'invoices');
COMMENT ON FOREIGN TABLE audit.invoices IS 'of the books';
COMMENT ON COLUMN audit.invoices.nr IS 'counted by them';
CREATE FOREIGN TABLE plain () SERVER billing;
CREATE SCHEMA IF NOT EXISTS audit;
COMMENT ON SCHEMA audit IS 'for the auditors';
CREATE PUBLICATION changes FOR TABLE accounts (id, name) WHERE (id > 5), audit.log WITH (publish = 'insert');
CREATE PUBLICATION reports FOR TABLES IN SCHEMA audit;
COMMENT ON PUBLICATION reports IS 'for the auditors';
CREATE STATISTICS IF NOT EXISTS by_tenant (ndistinct) ON tenant, name FROM accounts;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON accounts TO pg_monitor USING (tenant = current_setting('app.tenant'));
COMMENT ON POLICY own_rows ON accounts IS 'each its own';
GRANT SELECT, UPDATE (name) ON accounts TO pg_monitor, PUBLIC;
GRANT INSERT ON TABLE audit.log TO pg_monitor WITH GRANT OPTION;
GRANT USAGE ON SCHEMA audit TO pg_monitor;
REVOKE ALL ON FUNCTION twice(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION twice(integer) TO pg_monitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT, INSERT ON TABLES TO pg_monitor;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON ROUTINES FROM PUBLIC;
"""


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    project = Project(tmp_path / "project", postgresql_url)
    project.models(MODELS)
    return project


def write(project: Project, text: str) -> None:
    folder = Path(project.config).parent / "schema"
    folder.mkdir(exist_ok=True)
    (folder / "all.sql").write_text(text)


def test_as_the_database_is_and_from_nothing(project: Project, tmp_path: Path, postgresql_server: Server) -> None:
    write(project, TYPES + RIGHTS)
    with closing(Databases(postgresql_server)) as databases:
        reference = Project(tmp_path / "reference", databases.new())
        with connect(reference.url) as conn:
            conn.execute("CREATE SCHEMA audit")
            for statement in split(TYPES, LEXICAL_RULES):
                conn.execute(statement.text)
        create_all(metadata_of(MODELS), reference.url)
        with connect(reference.url) as conn:
            for statement in split(RIGHTS, LEXICAL_RULES):
                conn.execute(statement.text)
        reference.models(MODELS)
        write(reference, TYPES + RIGHTS)
        adopted = reference.generate()
        assert adopted.empty and not adopted.unowned, adopted.text
        project.generate()
        project.migrate()
        own = [line for line in dump_postgresql(project.url, owners=True) if "dbwarden_" not in line]
        assert own == dump_postgresql(reference.url, owners=True)
    write(project, TYPES)
    text = project.generate("fewer").text.partition("-- rollback")[0]
    assert "DISABLE ROW LEVEL SECURITY" in text and "DROP POLICY own_rows" in text
    assert "REVOKE ALL ON accounts FROM pg_monitor;" in text
    assert "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;" in text
    project.migrate()
    assert project.generate("nothing").empty


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE ROLE r LOGIN PASSWORD 'secret'", "a password does not belong into a file"),
        ("GRANT CONNECT ON DATABASE shop TO r", "write Grant"),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO r", "on all objects of a schema"),
        ("REVOKE SELECT ON accounts FROM r", "write REVOKE ALL"),
        ("ALTER TABLE lost ENABLE ROW LEVEL SECURITY", "no model describes the table lost"),
        ('CREATE COLLATION x FROM "C"', "depends on the server"),
        ("CREATE FOREIGN TABLE x PARTITION OF accounts DEFAULT SERVER y", "partitions and heirs"),
        ("CREATE FOREIGN TABLE x (LIKE accounts) SERVER y", "write its columns"),
        ("CREATE SCHEMA x AUTHORIZATION y", "AUTHORIZATION of a schema"),
        ("ALTER TABLE accounts ADD COLUMN x integer", "declares nothing"),
    ],
)
def test_what_a_file_cannot_declare(project: Project, statement: str, reason: str) -> None:
    write(project, f"-- one\n{statement};\n")
    with pytest.raises(ModelReadError, match=reason) as refused:
        project.generate()
    assert "schema/all.sql:2" in str(refused.value) and "secret" not in str(refused.value)


def test_twice(project: Project) -> None:
    write(project, "CREATE DOMAIN d AS text;\nCREATE DOMAIN d AS text;\n")
    with pytest.raises(ModelConflict):
        project.generate()


def test_roles(project: Project) -> None:
    write(
        project,
        "CREATE ROLE staff CREATEDB NOINHERIT CONNECTION LIMIT 3 VALID UNTIL '2030-01-01 00:00:00+00' IN ROLE pg_monitor;\n"
        "CREATE USER app ROLE other;\nGRANT staff TO app WITH ADMIN OPTION;\nCOMMENT ON ROLE staff IS 'all';\n",
    )
    text = project.generate(proof=False).text.partition("-- rollback")[0]
    for line in (
        "CREATE ROLE staff NOINHERIT CREATEDB CONNECTION LIMIT 3 VALID UNTIL '2030-01-01 00:00:00+00';",
        "CREATE ROLE app LOGIN;",
        "COMMENT ON ROLE staff IS 'all';",
        "GRANT staff TO app WITH ADMIN OPTION;",
        "GRANT pg_monitor TO staff;",
        "GRANT app TO other;",
    ):
        assert line in text, text
