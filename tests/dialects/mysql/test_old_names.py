"""Renames on servers that leave the text of views, triggers, routines and events as it is: who is named, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions, RenameFlags
from dbwarden.api.connection import connect
from dbwarden.core.change import Rename
from dbwarden.core.dialect import Scope
from dbwarden.core.model import Definition, column_ref
from dbwarden.core.old_names import texts_with_old_names
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, ProofFailed
from tests.support.project import Project

from .conftest import Flavour

BOTH = pytest.mark.parametrize("database_url", ["mysql", "mariadb"], indirect=True)
OBJECTS = (
    "CREATE TABLE users (id int PRIMARY KEY, email varchar(40))",
    "CREATE TABLE other (id int PRIMARY KEY, email varchar(40))",
    "CREATE VIEW v_users AS SELECT id, email FROM users",
    "CREATE VIEW v_ids AS SELECT id FROM users",
    "CREATE VIEW v_other AS SELECT email FROM other",
    "CREATE TRIGGER tr_users BEFORE INSERT ON users FOR EACH ROW SET NEW.email = LOWER(NEW.email)",
    "CREATE TRIGGER tr_other AFTER INSERT ON other FOR EACH ROW UPDATE users SET email = 'x' WHERE id = NEW.id",
    "CREATE TRIGGER tr_ids BEFORE UPDATE ON users FOR EACH ROW SET NEW.id = OLD.id",
    "CREATE PROCEDURE p_users() DELETE FROM users WHERE email IS NULL",
    "CREATE PROCEDURE p_text() SELECT 'users email'",
    "CREATE EVENT e_users ON SCHEDULE EVERY 1 DAY DISABLE DO UPDATE users SET email = NULL",
)
MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
         sa.Column("email", sa.String(40)))
"""
USERS = Ref("table", "users")
TABLE = Rename(USERS, Ref("table", "people"))
COLUMN = Rename(column_ref(USERS, "email"), column_ref(USERS, "mail"))
AFTERWARDS = Rename(column_ref(TABLE.new, "email"), column_ref(TABLE.new, "mail"))


def _create(flavour: Flavour) -> None:
    for sql in OBJECTS:
        flavour.conn.execute(sql)


def test_texts_name_what_the_server_does_not_rename(flavour: Flavour) -> None:
    _create(flavour)
    schema, dialect = flavour.dialect.inspect(flavour.conn, Scope()), flavour.dialect
    texts = [item for item in schema.objects() if isinstance(item, Definition)]
    of_column = {"v_users", "tr_users", "tr_other", "p_users", "e_users"}
    of_table = {"v_users", "v_ids", "tr_other", "p_users", "e_users"}
    for renames in ([COLUMN], [TABLE, AFTERWARDS]):
        naming = texts_with_old_names(texts, renames, dialect.features.keeps_old_names, dialect.lexical_rules)
        names = [{ref.name for ref in refs} for refs in naming.values()]
        assert names == ([of_column] if len(renames) == 1 else [of_table, of_column])
    assert not texts_with_old_names(texts, [COLUMN], (), dialect.lexical_rules)
    case = Rename(COLUMN.old, column_ref(USERS, "EMAIL"))
    assert not texts_with_old_names(texts, [case], dialect.features.keeps_old_names, dialect.lexical_rules)


@pytest.mark.parametrize("rename", ["RENAME TABLE users TO people", "ALTER TABLE users RENAME COLUMN email TO mail"])
def test_that_is_what_fails_afterwards(flavour: Flavour, rename: str) -> None:
    _create(flavour)
    conn = flavour.conn
    uses = {
        "v_users": "SELECT * FROM v_users",
        "p_users": "CALL p_users()",
        "tr_other": "INSERT INTO other VALUES (1, 'x')",
        "v_other": "SELECT * FROM v_other",
        "p_text": "CALL p_text()",
    }
    try:
        conn.execute(rename)
    except DatabaseError as error:
        pytest.fail(f"the server refuses: {error.message}")
    failing = set()
    for name, sql in uses.items():
        try:
            conn.query(sql) if not sql.startswith("INSERT") else conn.execute(sql)
        except DatabaseError:
            failing.add(name)
    assert failing == {"v_users", "p_users", "tr_other"}


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    made = Project(tmp_path / "project", database_url)
    made.models(MODELS)
    made.generate()
    dbwarden.migrate(config=made.config)
    return made


@BOTH
def test_a_generated_rename_names_them(project: Project, database_url: str) -> None:
    with connect(database_url) as conn:
        conn.execute("CREATE PROCEDURE p_users() DELETE FROM users WHERE email IS NULL")
    project.models(MODELS.replace('"email"', '"mail"'))
    options = CompareOptions(renames=RenameFlags(parts=("users.email:mail",)))
    report = dbwarden.make_migrations(config=project.config, options=options)
    expected = (
        "column users.email is renamed to mail, but the server keeps the old name in the text of procedure p_users:"
    )
    assert [note for note in report.notes if note.startswith(expected)]
    (finding,) = [f for f in dbwarden.check(config=project.config).findings if f.rule == "keep-names"]
    assert "and so do procedure p_users, whose text keeps it" in finding.message
    path = next(project.folder.rglob("0002_*.sql"))
    anew = "DROP PROCEDURE p_users;\nCREATE PROCEDURE p_users() DELETE FROM users WHERE mail IS NULL;\n-- rollback"
    path.write_text(path.read_text().replace("-- rollback", anew, 1))
    (finding,) = [f for f in dbwarden.check(config=project.config).findings if f.rule == "keep-names"]
    assert "p_users" not in finding.message


@BOTH
def test_a_generated_rename_that_breaks_a_view_is_refused(project: Project, database_url: str) -> None:
    with connect(database_url) as conn:
        conn.execute("CREATE VIEW v_users AS SELECT email FROM users")
    project.models(MODELS.replace('"email"', '"mail"'))
    options = CompareOptions(renames=RenameFlags(parts=("users.email:mail",)))
    with pytest.raises(ProofFailed, match="the upgrade drops or renames what others stand on") as refusal:
        dbwarden.make_migrations(config=project.config, options=options)
    assert "view v_users" in refusal.value.message
