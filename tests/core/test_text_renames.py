"""What a server prints of a text after something that it names was renamed."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.change import Rename, after_renames
from dbwarden.core.model import Definition, Schema, column_ref
from dbwarden.core.text_renames import with_new_label, with_new_name, with_own_name
from dbwarden.core.types import Expression, NameRules, Ref

RULES = NameRules(
    dialects.get("postgresql").lexical_rules,
    reserved=frozenset("select from where and on as order".split()),
    keeps_results=True,
    default_schema="public",
)
USERS, PEOPLE = Ref("table", "users"), Ref("table", "people")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT users.id FROM users", "SELECT people.id FROM people"),
        ("SELECT id FROM public.users", "SELECT id FROM public.people"),
        ("SELECT id FROM audit.users", None),
        ('SELECT "users".id FROM "users"', 'SELECT "people".id FROM "people"'),
        ("SELECT 'users', id FROM users -- users", "SELECT 'users', id FROM people -- users"),
        ("SELECT a.users FROM a", None),
        ("SELECT a.id AS users FROM a", None),
        ("SELECT users.id FROM a users, users b", "SELECT users.id FROM a users, people b"),
        ("SELECT users(1) FROM users", "SELECT users(1) FROM people"),
        ("INSERT INTO users(id) VALUES (1)", "INSERT INTO people(id) VALUES (1)"),
        ("SELECT $$users$$ FROM users", "SELECT $$users$$ FROM people"),
        ("SELECT x::users FROM a x", "SELECT x::people FROM a x"),
    ],
)
def test_a_table(text: str, expected: str | None) -> None:
    assert with_new_name(text, USERS, PEOPLE, RULES) == (expected or text)


def test_a_column_called_like_the_table_keeps_its_name() -> None:
    text = "SELECT users, users.n FROM users"
    assert with_new_name(text, USERS, PEOPLE, RULES, ("users",)) == "SELECT users, people.n FROM people"


def test_the_type_of_an_argument_is_no_alias() -> None:
    text = "CREATE FUNCTION f(a users) RETURNS SETOF users"
    assert (
        with_new_name(text, USERS, PEOPLE, RULES, aliases=False) == "CREATE FUNCTION f(a people) RETURNS SETOF people"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT n FROM users", "SELECT m AS n FROM users"),
        ("SELECT u.n, o.n FROM users u JOIN o ON o.n = u.n", "SELECT u.m AS n, o.n FROM users u JOIN o ON o.n = u.m"),
        ("SELECT n + 1 AS n FROM users WHERE n > 0", "SELECT m + 1 AS n FROM users WHERE m > 0"),
        ("SELECT sum(n), max(o.n) FROM users, o", "SELECT sum(m), max(o.n) FROM users, o"),
        ("SELECT s.n FROM (SELECT users.n FROM users) s", "SELECT s.n FROM (SELECT users.m AS n FROM users) s"),
        ("SELECT (SELECT n FROM o) AS x, id FROM users", None),
        ("SELECT id FROM o WHERE EXISTS (SELECT 1 FROM users WHERE n = o.n)",
         "SELECT id FROM o WHERE EXISTS (SELECT 1 FROM users WHERE m = o.n)"),
        ("SELECT n FROM o", None),
        ("SELECT users.n FROM o users", None),
    ],
)  # fmt: skip
def test_a_column(text: str, expected: str | None) -> None:
    old = column_ref(USERS, "n")
    assert with_new_name(text, old, old._replace(name="m"), RULES) == (expected or text)


def test_a_column_in_a_trigger_and_a_rule() -> None:
    old = column_ref(USERS, "n")
    new = old._replace(name="m")
    trigger = "CREATE TRIGGER t AFTER UPDATE OF n ON users WHEN (NEW.n > OLD.n) INSERT INTO o (n) SELECT n FROM users"
    after = "CREATE TRIGGER t AFTER UPDATE OF m ON users WHEN (NEW.m > OLD.m) INSERT INTO o (n) SELECT m FROM users"
    plain = NameRules(RULES.lexical_rules)
    assert with_new_name(trigger, old, new, plain, ground="users") == after
    rule = "CREATE RULE r AS ON DELETE TO users WHERE old.n > 3 DO INSTEAD UPDATE o SET n = old.n"
    after = "CREATE RULE r AS ON DELETE TO users WHERE old.m > 3 DO INSTEAD UPDATE o SET n = old.m"
    assert with_new_name(rule, old, new, plain, ground="users") == after


def test_others() -> None:
    moved = USERS._replace(schema="audit")
    text = "SELECT users.id FROM users JOIN public.users u"
    assert with_new_name(text, USERS, moved, RULES) == "SELECT users.id FROM audit.users JOIN audit.users u"
    assert with_new_name("SELECT audit.users.id FROM audit.users", moved, USERS, RULES) == "SELECT users.id FROM users"
    schemas = Ref("namespace", "audit"), Ref("namespace", "log")
    assert with_new_name("SELECT a.audit FROM audit.a", *schemas, RULES) == "SELECT a.audit FROM log.a"
    functions = Ref("function", "f(a integer)"), Ref("function", "g(a integer)")
    assert with_new_name("SELECT f(f.f) FROM f", *functions, RULES) == "SELECT g(f.f) FROM f"
    labels = Ref("enum_value", "sad", None, "mood"), Ref("enum_value", "blue", None, "mood")
    assert with_new_label("SELECT 'sad' WHERE m = 'sad'::mood", *labels, RULES) == "SELECT 'sad' WHERE m = 'blue'::mood"
    policy = Ref("policy", "own", None, "users"), Ref("policy", "mine", None, "users")
    assert with_own_name("CREATE POLICY own ON users USING (own)", *policy, RULES) == (
        "CREATE POLICY mine ON users USING (own)"
    )


def test_a_text_that_the_server_leaves_alone_keeps_its_names() -> None:
    rules = NameRules(bound=False)
    text = "CREATE TRIGGER t AFTER INSERT ON users DELETE FROM users"
    trigger = Definition("trigger", "t", Expression(text, names=rules), on=USERS)
    (renamed,) = after_renames(Schema([trigger]), [Rename(USERS, PEOPLE)]).objects()
    assert isinstance(renamed, Definition) and renamed.on == PEOPLE
    assert renamed.sql.text == text, "a rollback restores it when the former name is back"
    assert renamed.sql.key == "CREATE TRIGGER t AFTER INSERT ON people DELETE FROM users", (
        "it is compared by what there is"
    )
