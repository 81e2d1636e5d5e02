"""A view that is dropped and created again around a change comes back with all that hangs on it, or stays where it is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

from dbwarden.api.connection import connect
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.errors import Unsupported
from dbwarden.runtime.connection import DatabaseConnection
from tests.support.cases import FOLDER
from tests.support.dump import dump_postgresql
from tests.support.pipeline import planned, run
from tests.support.project import Project

MODELS = """
from sqlalchemy import *

metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String({length}), nullable=False))
Table("log", metadata, Column("line", Text))
Sequence("numbers", metadata=metadata)
"""
HANGING = """
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE VIEW active WITH (security_barrier=true, check_option=local) AS SELECT id, name FROM users WHERE id > 0;
CREATE VIEW over AS SELECT id, name AS "Name" FROM active;
ALTER VIEW over ALTER COLUMN "Name" SET DEFAULT E'it''s \\\\; \\n' || nextval('numbers');
CREATE RULE logged AS ON DELETE TO over DO INSTEAD (INSERT INTO log VALUES ('gone;'); DELETE FROM users WHERE id = old.id;);
COMMENT ON RULE logged ON over IS 'a rule';
CREATE TRIGGER kept INSTEAD OF INSERT ON over FOR EACH ROW EXECUTE FUNCTION keep();
CREATE TRIGGER after_all AFTER UPDATE ON active EXECUTE FUNCTION keep();
COMMENT ON TRIGGER kept ON over IS 'a trigger';
COMMENT ON VIEW over IS 'a view';
COMMENT ON COLUMN over."Name" IS 'a; column';
GRANT SELECT ON over TO PUBLIC;
GRANT SELECT, INSERT ON over TO {reader};
GRANT UPDATE ON over TO {reader} WITH GRANT OPTION;
GRANT UPDATE ("Name") ON over TO {writer};
GRANT INSERT (id, "Name") ON over TO {writer} WITH GRANT OPTION;
ALTER VIEW over OWNER TO {owner};
REVOKE DELETE ON active FROM CURRENT_USER;

CREATE MATERIALIZED VIEW counted WITH (fillfactor=70, toast.autovacuum_enabled=false) AS
    SELECT name, lower(name) AS lc, count(*) AS n FROM users GROUP BY name;
CREATE UNIQUE INDEX on_counted ON counted (name);
CREATE INDEX on_expression ON counted ((n + 1)) WITH (fillfactor=50) WHERE n > 1;
ALTER INDEX on_expression ALTER COLUMN 1 SET STATISTICS 50;
COMMENT ON INDEX on_counted IS 'an index';
ALTER MATERIALIZED VIEW counted CLUSTER ON on_counted;
ALTER MATERIALIZED VIEW counted ALTER COLUMN n SET STATISTICS 500;
ALTER MATERIALIZED VIEW counted ALTER COLUMN n SET (n_distinct=-0.5);
ALTER MATERIALIZED VIEW counted ALTER COLUMN lc SET STORAGE EXTERNAL;
ALTER MATERIALIZED VIEW counted ALTER COLUMN lc SET COMPRESSION pglz;
CREATE STATISTICS together ON name, n FROM counted;
COMMENT ON STATISTICS together IS 'statistics';
ALTER STATISTICS together OWNER TO {owner};
COMMENT ON MATERIALIZED VIEW counted IS 'materialized';
COMMENT ON COLUMN counted.n IS 'how many';
GRANT SELECT ON counted TO {reader};
ALTER MATERIALIZED VIEW counted OWNER TO {owner};
CREATE MATERIALIZED VIEW empty AS SELECT name FROM counted WITH NO DATA;
"""


@pytest.fixture
def roles(conn: DatabaseConnection) -> Iterator[dict[str, str]]:
    """Roles belong to the server: of their own names, and gone at the end with all that they own in this database."""
    end = secrets.token_hex(4)
    made = {name: f"{name}_{end}" for name in ("owner", "reader", "writer")}
    for name in made.values():
        conn.execute(f"CREATE ROLE {name}")
    conn.execute(f"GRANT ALL ON SCHEMA public TO {made['owner']}")
    yield made
    for name in made.values():
        conn.execute(f"DROP OWNED BY {name} CASCADE")
        conn.execute(f"DROP ROLE {name}")


def project_with(folder: Path, url: str, length: int) -> Project:
    project = Project(folder, url)
    project.reach(MODELS.format(length=length))
    return project


def test_all_that_hangs_on_a_view_comes_back(
    tmp_path: Path, postgresql_url: str, conn: DatabaseConnection, roles: dict[str, str]
) -> None:
    project = project_with(tmp_path, postgresql_url, 100)
    for statement in re.split(r";\n", HANGING.format(**roles)):
        if statement.strip():
            conn.execute(statement)
    former = dump_postgresql(postgresql_url, owners=True)
    project.models(MODELS.format(length=120))
    assert project.generate("widened").path is not None
    written = project.files()[-1].read_text()
    assert "-- proven: " in written
    assert "DROP VIEW over" in written
    assert "DROP MATERIALIZED VIEW empty" in written
    project.migrate()
    reached = [line.replace("varying(120)", "varying(100)") for line in dump_postgresql(postgresql_url, owners=True)]
    assert reached == former
    assert project.generate("nothing").path is None
    project.rollback()
    assert dump_postgresql(postgresql_url, owners=True) == former
    project.migrate()
    again = [line.replace("varying(120)", "varying(100)") for line in dump_postgresql(postgresql_url, owners=True)]
    assert again == former


def users(length: int) -> MetaData:
    metadata = MetaData()
    Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String(length)))
    return metadata


def test_default_privileges_add_nothing(
    conn: DatabaseConnection, dialect: PostgreSQL, postgresql_url: str, roles: dict[str, str]
) -> None:
    run(conn, dialect, planned(conn, dialect, users(100)).upgrade())
    conn.execute("CREATE VIEW v AS SELECT name FROM users")
    conn.execute("CREATE VIEW w AS SELECT name FROM users")
    conn.execute(f"GRANT SELECT ON w TO {roles['reader']}")
    conn.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT, DELETE ON TABLES TO {roles['reader']}")
    conn.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC")
    grants = (
        "SELECT relname, e.* FROM pg_class, aclexplode(relacl) e WHERE relname IN ('v', 'w') AND grantee <> relowner"
    )
    former = conn.query(grants)
    run(conn, dialect, planned(conn, dialect, users(120)).upgrade())
    assert conn.query("SELECT 1 FROM pg_attribute WHERE attrelid = 'v'::regclass AND atttypmod = 124")
    assert conn.query(grants) == former
    assert not planned(conn, dialect, users(120))


def test_what_cannot_be_given_back_is_named(
    conn: DatabaseConnection, dialect: PostgreSQL, roles: dict[str, str]
) -> None:
    run(conn, dialect, planned(conn, dialect, users(100)).upgrade())
    conn.execute("CREATE VIEW v AS SELECT name FROM users")
    conn.execute(f"GRANT SELECT ON v TO {roles['reader']} WITH GRANT OPTION")
    conn.execute(f"SET ROLE {roles['reader']}")
    conn.execute(f"GRANT SELECT ON v TO {roles['writer']}")
    conn.execute("RESET ROLE")
    with pytest.raises(Unsupported, match=f"view v .*privileges that {roles['reader']} granted"):
        planned(conn, dialect, users(120))
    assert not planned(conn, dialect, users(100))


def test_materialized_views_have_the_rows_of_the_new_text(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    folder = FOLDER / "objects" / "refreshed_views"
    project.reach((folder / "before.py").read_text())
    project.execute("INSERT INTO orders (id, cents) VALUES (1, 5), (2, 500)")
    project.execute("REFRESH MATERIALIZED VIEW prices")
    project.execute("REFRESH MATERIALIZED VIEW highest")

    def prices() -> list[list[float]]:
        with connect(project.url) as conn:
            return [
                [round(float(row[0]), 2) for row in conn.query(f"SELECT price FROM {name} ORDER BY 1")]
                for name in ("prices", "highest")
            ]

    assert prices() == [[0.05, 5.0], [5.0]]
    project.models((folder / "after.py").read_text())
    project.generate()
    project.migrate()
    assert prices() == [[5.05], [5.05]]
    project.rollback()
    assert prices() == [[0.05, 5.0], [5.0]]
