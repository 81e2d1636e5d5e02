"""A schema that statements change, and what became of names and values in it."""

from __future__ import annotations

from dbwarden import dialects
from dbwarden.core.ddl.simulated_schema import SimulatedSchema
from dbwarden.core.ddl.statements import CreateTable
from dbwarden.core.types import Ref

USERS = Ref("table", "users")
BEFORE = """CREATE TABLE users (id bigint PRIMARY KEY, state text CHECK (state IN ('new', 'it''s')), mail varchar(80) NOT NULL,
CONSTRAINT uq_mail UNIQUE (mail))"""


def after(*statements: str) -> SimulatedSchema:
    schema, parse = SimulatedSchema(), dialects.get("postgresql").parse
    for sql in (BEFORE, *statements):
        schema.apply(parse(sql))
    return schema


def test_a_column_keeps_what_a_change_does_not_touch() -> None:
    schema = after(
        "ALTER TABLE users ALTER mail TYPE text, RENAME mail TO email", "ALTER TABLE users ALTER id DROP NOT NULL"
    )
    email = schema.column(USERS, "email")
    assert email is not None and (email.name, email.type, email.not_null) == ("email", "text", True)
    assert schema.column(USERS, "mail") is None
    assert schema.columns["", "users"]["id"].not_null is False


def test_the_values_of_a_check_follow_the_column_and_go_with_the_check() -> None:
    renamed = after("ALTER TABLE users RENAME state TO status", "ALTER TABLE users RENAME TO people")
    assert renamed.tables["", "people"].values("status") == ("new", "it's")
    assert after("ALTER TABLE users DROP CONSTRAINT users_state_check").tables["", "users"].values("state") == ()
    assert after("ALTER TABLE users DROP state").tables["", "users"].allowed == {}


def test_names_follow_their_table() -> None:
    schema = after("CREATE INDEX ix ON users (state)", "ALTER TABLE users SET SCHEMA old", "CREATE VIEW v AS SELECT 1")
    assert schema.names["uq_mail"] == Ref("constraint", "uq_mail", "old", "users")
    assert schema.names["v"] == Ref("view", "v")
    schema.apply(dialects.get("postgresql").parse("ALTER INDEX old.ix RENAME TO ix_2"))
    assert "ix" not in schema.names and schema.names["ix_2"].table == "users"
    schema.apply(dialects.get("postgresql").parse("DROP TABLE old.users"))
    assert list(schema.names) == ["v"]


def test_enumerations_are_renamed_and_dropped() -> None:
    kind = (
        "CREATE TYPE kind AS ENUM ('a', 'b')",
        "ALTER TYPE kind RENAME VALUE 'a' TO 'z'",
        "ALTER TYPE kind RENAME TO sort",
    )
    assert after(*kind).enums == {("", "sort"): ("z", "b")}
    assert after(*kind, "DROP TYPE sort").enums == {}


def test_what_is_assumed_changes_nothing_that_is_known() -> None:
    schema = after()
    schema.assume(USERS, "mail")
    schema.assume(USERS, "extra")
    schema.assume(Ref("table", "other"))
    assert schema.columns["", "users"]["mail"].type == "varchar(80)"
    assert schema.columns["", "users"]["extra"].type == ""
    assert schema.tables["", "users"].complete and not schema.tables["", "other"].complete


def test_the_query_of_a_table_tells_what_it_copies() -> None:
    statement = dialects.get("postgresql").parse("CREATE TABLE b AS SELECT x AS z, coalesce(y, 'from'), now() FROM a")
    assert isinstance(statement, CreateTable)
    copy = statement.source()
    assert copy is not None and copy.source == Ref("table", "a")
    assert list(copy.targets()) == [("z", "x"), ("y", "y")]
