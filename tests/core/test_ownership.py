"""What history says we created, also under other names."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.ownership import AppliedMigration, created_by
from dbwarden.core.types import Ref

A, B, C = (Ref("table", name) for name in "abc")
CREATE_A, DROP_A = "CREATE TABLE a (id INTEGER)", "DROP TABLE a"
A_TO_B, B_TO_A = "ALTER TABLE a RENAME TO b", "ALTER TABLE b RENAME TO a"


REBUILD_A = ["CREATE TABLE dbwarden_new_a (id)", "DROP TABLE a", "ALTER TABLE dbwarden_new_a RENAME TO a"]


def up(*statements: str, generated: bool = True) -> AppliedMigration:
    return AppliedMigration(statements, (), generated)


def down(*statements: str, generated: bool = True) -> AppliedMigration:
    """A migration of which only the rollback is known."""
    return AppliedMigration((), statements, generated)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_renamed_table_is_still_ours(engine: str) -> None:
    parse = dialects.get(engine).parse
    assert created_by([up(CREATE_A, A_TO_B)], parse) == {B}
    assert created_by([up(A_TO_B)], parse) == frozenset(), "whose it was is not said"
    assert created_by([down(DROP_A), down(B_TO_A)], parse) == {B}, "the files are gone, their rollbacks are known"
    assert created_by([up(CREATE_A, A_TO_B, CREATE_A)], parse) == {A, B}
    assert created_by([down(DROP_A), down(DROP_A, B_TO_A)], parse) == {A, B}
    assert created_by([up(CREATE_A, A_TO_B, "ALTER TABLE b RENAME TO c")], parse) == {C}
    assert created_by([up(CREATE_A, "ALTER TABLE a RENAME COLUMN id TO b")], parse) == {A}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_is_written_by_hand_is_theirs(engine: str) -> None:
    parse = dialects.get(engine).parse
    assert created_by([up(CREATE_A, generated=False)], parse) == frozenset()
    assert created_by([down(DROP_A, generated=False)], parse) == frozenset()
    assert created_by([up(CREATE_A), up(A_TO_B, generated=False)], parse) == {B}, "ours, whoever renamed it"
    assert created_by([up(CREATE_A), up(DROP_A, CREATE_A, generated=False)], parse) == frozenset()
    assert created_by([up(CREATE_A), up(DROP_A), up(CREATE_A, generated=False)], parse) == frozenset()
    assert created_by([down(DROP_A), down(CREATE_A), down(DROP_A, generated=False)], parse) == frozenset()


def test_a_view_that_a_file_takes_away_for_a_while_is_whose_it_was() -> None:
    parse, view = dialects.get("postgresql").parse, Ref("view", "v")
    create, drop, change = "CREATE VIEW v AS SELECT x FROM a", "DROP VIEW v", "ALTER TABLE a ALTER COLUMN x TYPE bigint"
    around = AppliedMigration((drop, change, create), (drop, change, create))
    assert created_by([around], parse) == frozenset(), "it was there before"
    assert created_by([up(create), around], parse) == {view}
    assert created_by([up(create, generated=False), around], parse) == frozenset()


def test_a_trigger_that_comes_back_with_a_rebuilt_table_is_whose_it_was() -> None:
    parse = dialects.get("sqlite").parse
    trigger = "CREATE TRIGGER x AFTER UPDATE ON a BEGIN SELECT 1; END"
    rebuilt = AppliedMigration((*REBUILD_A, trigger), (*REBUILD_A, trigger))
    assert created_by([rebuilt], parse) == frozenset(), "the DROP TABLE of the rebuild took it away"
    assert created_by([up(trigger), rebuilt], parse) == {Ref("trigger", "x", None, "a")}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_is_done_to_a_table_does_not_make_it_ours(engine: str) -> None:
    parse = dialects.get(engine).parse
    upgrades = (
        "CREATE INDEX i ON a (x)",
        "ALTER TABLE a ADD COLUMN x INT",
        "CREATE TRIGGER x AFTER UPDATE ON a BEGIN END",
    )
    rollbacks = ("DROP INDEX i", "ALTER TABLE a DROP COLUMN x", "DROP TRIGGER x ON a", "DELETE FROM a")
    assert A not in created_by([up(*upgrades)], parse)
    assert A not in created_by([down(*rollbacks)], parse)
    assert created_by([up(CREATE_A), up(*rollbacks[1:])], parse) == {A}, "nor somebody else's"


def test_what_a_query_creates_is_ours_and_what_it_takes_from_is_not() -> None:
    parse = dialects.get("postgresql").parse
    moved = "CREATE TABLE b AS WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone"
    assert created_by([up(moved, "SELECT * INTO c FROM a")], parse) == {B, C}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_comments_do_not_matter(engine: str) -> None:
    parse = dialects.get(engine).parse
    statements = ("CREATE TABLE /* x */ a (id INTEGER)", "ALTER TABLE a /* y */ RENAME -- z\n TO b")
    assert created_by([up(*statements)], parse) == {B}


def test_a_table_that_moves_to_another_schema_is_still_ours() -> None:
    parse = dialects.get("postgresql").parse
    assert created_by([up(CREATE_A, "ALTER TABLE a SET SCHEMA s")], parse) == {A._replace(schema="s")}


def test_a_rebuild_claims_nothing_and_forgets_nothing() -> None:
    parse = dialects.get("sqlite").parse
    rebuild = AppliedMigration(REBUILD_A, REBUILD_A)
    assert created_by([rebuild], parse) == frozenset()
    assert created_by([AppliedMigration([CREATE_A], [DROP_A]), rebuild], parse) == {A}
    assert created_by([up(CREATE_A), up(*REBUILD_A)], parse) == {A}
    assert created_by([down(DROP_A), down(*REBUILD_A)], parse) == {A}


def test_schemas_and_quotes_of_postgresql() -> None:
    facts = dialects.get("postgresql").facts
    assert facts('ALTER TABLE IF EXISTS audit."Log" RENAME TO "Old Log"').targets == (
        Ref("table", "Log", "audit"),
        Ref("table", "Old Log", "audit"),
    )
    assert len(facts("ALTER TABLE a RENAME x TO y").targets) == 1
    assert len(facts("ALTER TABLE a RENAME CONSTRAINT x TO y").targets) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX ON theirs (a)",
        "CREATE INDEX i ON theirs (a)",
        "CREATE POLICY p ON theirs USING (true)",
        "CREATE TRIGGER g AFTER UPDATE ON theirs FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE RULE r AS ON UPDATE TO theirs DO NOTHING",
    ],
)
def test_what_stands_on_a_table_does_not_make_it_ours(sql: str) -> None:
    dialect = dialects.get("postgresql")
    created = created_by([AppliedMigration([sql])], dialect.parse)
    assert Ref("table", "theirs") not in created
    mine = created_by([AppliedMigration(["CREATE TABLE theirs (a integer)", sql])], dialect.parse)
    assert Ref("table", "theirs") in mine


def test_dropping_what_stands_on_a_table_of_ours_does_not_give_it_away() -> None:
    dialect = dialects.get("postgresql")
    statements = ["CREATE TABLE mine (a integer)", "DROP POLICY p ON mine", "DROP TRIGGER g ON mine"]
    assert Ref("table", "mine") in created_by([AppliedMigration(statements)], dialect.parse)


EXCHANGE_A = (
    "DROP TABLE IF EXISTS dbwarden_old_a",
    "CREATE TABLE dbwarden_new_a (id UInt8) ENGINE = MergeTree ORDER BY id",
    "EXCHANGE TABLES a AND dbwarden_new_a",
    "RENAME TABLE dbwarden_new_a TO dbwarden_old_a",
)


def test_a_table_that_was_exchanged_is_whose_it_was() -> None:
    parse = dialects.get("clickhouse").parse
    assert created_by([up(CREATE_A), up(*EXCHANGE_A)], parse) == {A}
    assert created_by([up(*EXCHANGE_A)], parse) == frozenset()
    assert created_by([down(DROP_A), down(*EXCHANGE_A)], parse) == {A}
    assert created_by([up(CREATE_A), up(*EXCHANGE_A), up(DROP_A)], parse) == frozenset()


def test_what_stands_on_a_table_follows_its_renames() -> None:
    parse = dialects.get("postgresql").parse
    trigger = "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()"
    assert created_by([up(CREATE_A, trigger), up(A_TO_B)], parse) == {B, Ref("trigger", "t", None, "b")}
    granted = created_by([up("GRANT SELECT (x) ON a TO app"), up(A_TO_B, "ALTER TABLE b RENAME COLUMN x TO y")], parse)
    assert granted == {Ref("grant", "app (y)", None, "b")}


@pytest.mark.parametrize(
    ("created", "renamed", "expected"),
    [
        ("CREATE VIEW v AS SELECT 1", "ALTER VIEW v RENAME TO w", Ref("view", "w")),
        ("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS ''", "ALTER FUNCTION f(a int) RENAME TO g",
         Ref("function", "g(a integer)")),
        ("CREATE TYPE t AS (a int)", "ALTER TYPE t RENAME TO u", Ref("composite_type", "u")),
        ("CREATE POLICY p ON a USING (true)", "ALTER POLICY p ON a RENAME TO q", Ref("policy", "q", None, "a")),
        ("CREATE TABLE s.a (id int)", "ALTER SCHEMA s RENAME TO r", Ref("table", "a", "r")),
        ("CREATE SCHEMA s", "ALTER SCHEMA s RENAME TO r", Ref("namespace", "r")),
    ],
)  # fmt: skip
def test_other_objects_stay_ours_under_their_new_names(created: str, renamed: str, expected: Ref) -> None:
    parse = dialects.get("postgresql").parse
    assert created_by([up(created), up(renamed)], parse) == {expected}


def test_a_view_that_mysql_renames_like_a_table_stays_ours() -> None:
    parse = dialects.get("mysql").parse
    assert created_by([up("CREATE VIEW v AS SELECT 1"), up("RENAME TABLE v TO w")], parse) == {Ref("view", "w")}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_a_file_names_as_unowned_is_theirs(engine: str) -> None:
    """By name, by pattern, with the schema, whatever the case; what belongs to a table follows it."""
    parse, caseless = dialects.get(engine).parse, dialects.get(engine).features.caseless_names
    statements = ("CREATE TABLE audit_log (id INTEGER)", "CREATE INDEX of_log ON audit_log (id)", CREATE_A)

    def owned(*unowned: str) -> set[str]:
        return {ref.name for ref in created_by([AppliedMigration(statements, (), True, unowned)], parse, caseless)}

    assert owned() == {"audit_log", "of_log", "a"}
    assert owned("audit_log") == owned("AUDIT_*") == owned("audit_?og", "b") == {"a"}
    assert owned("*") == set()
    assert owned("of_log") == {"audit_log", "of_log", "a"}, "an index is its table's"
