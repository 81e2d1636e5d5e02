"""Declared views, routines, triggers and events: what is compared, and what they leave to the server."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from dbwarden.core.change import Drop
from dbwarden.core.dialect import Prefs
from dbwarden.core.model import Definition, Schema
from dbwarden.core.plan import ambiguous_expressions, pair, plan
from dbwarden.core.types import Ref
from dbwarden.core.unspecified import preserve_unspecified
from dbwarden.errors import DatabaseError, Unsupported
from dbwarden.models.read import read
from dbwarden.objects import Aggregate, Event, Function, Procedure, Trigger, View
from tests.support.pipeline import compare, inspected, planned, run

from .conftest import Flavour

NIGHTLY = "ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00'"


def models() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
    return metadata


def changes(flavour: Flavour, metadata: sa.MetaData) -> list[str]:
    return list(planned(flavour.conn, flavour.dialect, metadata).upgrade())


def apply(flavour: Flavour, metadata: sa.MetaData) -> None:
    """Apply what is generated; then nothing is left to do, and no database beside this one."""
    run(flavour.conn, flavour.dialect, changes(flavour, metadata))
    assert not changes(flavour, metadata)
    assert not flavour.conn.query("SHOW DATABASES LIKE 'dbwarden\\_definitions\\_%'")


def test_events(flavour: Flavour) -> None:
    """As composed from the catalogue, and as SHOW CREATE EVENT prints them because of a string."""
    metadata = models()
    Event("nightly", f"{NIGHTLY} DO DELETE FROM t WHERE a < 0", metadata=metadata)
    Event("weekly", f"{NIGHTLY} ON COMPLETION PRESERVE COMMENT 'x' DO DELETE FROM t WHERE a = 'y'", metadata=metadata)
    Event("asleep", f"{NIGHTLY} DISABLE DO DELETE FROM t WHERE a = 'z'", metadata=metadata)
    apply(flavour, metadata)
    assert [row[0] for row in flavour.conn.query(
        "SELECT status FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY event_name"
    )] == ["DISABLED", "ENABLED", "ENABLED"]  # fmt: skip
    other = models()
    Event("nightly", f"{NIGHTLY} DO DELETE FROM t WHERE a < 1", metadata=other)
    (altered,) = (sql for sql in changes(flavour, other) if "EVENT nightly" in sql)
    assert altered.startswith("ALTER EVENT" if flavour.name == "mysql" else "CREATE OR REPLACE EVENT")
    Event("weekly", f"{NIGHTLY} DO DELETE FROM t WHERE a = 'w'", metadata=other)
    Event("asleep", f"{NIGHTLY} ON COMPLETION PRESERVE DO DELETE FROM t WHERE a = 'z'", metadata=other)
    apply(flavour, other)
    apply(flavour, metadata)


@pytest.mark.parametrize("schedule", ["EVERY 1 DAY", "AT CURRENT_TIMESTAMP + INTERVAL 1 DAY"])
def test_a_schedule_that_begins_now(flavour: Flavour, schedule: str) -> None:
    metadata = models()
    Event("e", f"ON SCHEDULE {schedule} DO DELETE FROM t", metadata=metadata)
    with pytest.raises(Unsupported, match="the schedule of event 'e'"):
        changes(flavour, metadata)


@pytest.mark.parametrize(
    "body", ["DELETE FROM t WHERE a < 0", "DELETE FROM t WHERE a = 'x'"], ids=["composed", "shown"]
)
def test_states_and_times_of_events(flavour: Flavour, body: str) -> None:
    """Each is what the catalogue has afterwards, whatever was there before; one that is over and kept stays disabled."""
    place = "SLAVE" if flavour.name == "mariadb" else "REPLICA"
    past = "AT '2020-01-01 00:00:00' ON COMPLETION PRESERVE"
    seen = []
    for clauses in (
        NIGHTLY,
        f"{NIGHTLY} DISABLE",
        f"{NIGHTLY} DISABLE ON {place}",
        f"{NIGHTLY} ENDS '2036-01-01 00:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'x'",
        "ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2035-01-01 00:00:00'",
        f"ON SCHEDULE {past}",
        "ON SCHEDULE AT '2035-01-01 00:00:00'",
    ):
        metadata = models()
        Event("e", f"{clauses} DO {body}", metadata=metadata)
        apply(flavour, metadata)
        seen += flavour.conn.query(
            "SELECT status, on_completion, event_comment, ends IS NULL, execute_at IS NULL FROM information_schema.events"
            " WHERE event_schema = DATABASE()"
        )
    slave = {"SLAVESIDE_DISABLED": "REPLICA_SIDE_DISABLED"}
    assert [(slave.get(status, status), *rest) for status, *rest in seen] == [
        ("ENABLED", "NOT PRESERVE", "", 1, 1),
        ("DISABLED", "NOT PRESERVE", "", 1, 1),
        ("REPLICA_SIDE_DISABLED", "NOT PRESERVE", "", 1, 1),
        ("ENABLED", "PRESERVE", "x", 0, 1),
        ("ENABLED", "NOT PRESERVE", "", 1, 1),
        ("DISABLED", "PRESERVE", "", 1, 0),
        ("ENABLED", "NOT PRESERVE", "", 1, 0),
    ]


@pytest.mark.parametrize("schedule", ["AT '2020-01-01'", "EVERY 1 DAY STARTS '2020-01-01' ENDS '2021-01-01'"])
def test_an_event_that_is_over_is_named(flavour: Flavour, schedule: str) -> None:
    """The server would drop it at once, and every migration would create it again."""
    metadata = models()
    Event("e", f"ON SCHEDULE {schedule} DO DELETE FROM t", metadata=metadata)
    desired = flavour.dialect.canonical(read([metadata], flavour.dialect))
    with pytest.raises(Unsupported, match=r"event 'e' .* its last moment has passed"):
        flavour.dialect.creation_notes(flavour.conn, desired)


def test_an_account_that_does_not_exist_is_named(flavour: Flavour) -> None:
    metadata = models()
    Procedure("p()", "SELECT 1", definer="nobody@localhost", metadata=metadata)
    Procedure("q()", "SELECT 1", definer="CURRENT_USER", metadata=metadata)
    Procedure("r()", "SELECT 1", definer="root@127.0.0.1", metadata=metadata)
    desired = flavour.dialect.canonical(read([metadata], flavour.dialect))
    (note,) = flavour.dialect.creation_notes(flavour.conn, desired)
    assert note.startswith("procedure p works on behalf of nobody@localhost, which does not exist on this server")


@pytest.mark.parametrize("kind", ["view", "function", "procedure", "trigger", "event"])
def test_the_account_that_it_works_for_stays(flavour: Flavour, kind: str) -> None:
    """Nobody declares it, so another one is no difference, and an object that changes keeps it."""
    conn = flavour.conn

    def declared(number: int) -> sa.MetaData:
        metadata = models()
        match kind:
            case "view":
                View("x", f"SELECT a + {number} AS b FROM t", metadata=metadata)
            case "function":
                Function("x()", f"RETURNS char(3) DETERMINISTIC RETURN 'a{number}'", metadata=metadata)
            case "procedure":
                Procedure("x()", f"SELECT {number}", metadata=metadata)
            case "trigger":
                Trigger("x", f"BEFORE INSERT ON t FOR EACH ROW SET NEW.a = {number}", metadata=metadata)
            case _:
                Event("x", f"{NIGHTLY} DO DELETE FROM t WHERE a = {number}", metadata=metadata)
        return metadata

    apply(flavour, declared(1))
    (shown,) = (sql for sql in inspected(conn, flavour.dialect).objects() if isinstance(sql, Definition))
    conn.execute(f"DROP {kind.upper()} x")
    conn.execute(shown.sql.text.replace("CREATE ", "CREATE DEFINER=`nobody`@`localhost` ", 1))
    assert not changes(flavour, declared(1))
    plan_ = plan(compare(conn, flavour.dialect, declared(2)), flavour.dialect, Prefs(online=False))
    for statements in (plan_.upgrade(), plan_.rollback()):
        (sql,) = (sql for sql in statements if not sql.startswith("DROP") and "DROP " not in sql)
        assert "DEFINER=`nobody`@`localhost`" in sql
    run(conn, flavour.dialect, plan_.upgrade())
    assert not changes(flavour, declared(2))


def declared_for(kind: str, account: str | None, number: int = 1) -> sa.MetaData:
    metadata = models()
    match kind:
        case "view":
            View("x", f"SELECT a + {number} AS b FROM t", definer=account, metadata=metadata)
        case "procedure":
            Procedure("x()", f"SELECT {number}", definer=account, metadata=metadata)
        case "trigger":
            Trigger("x", f"BEFORE INSERT ON t FOR EACH ROW SET NEW.a = {number}", definer=account, metadata=metadata)
        case _:
            Event("x", f"{NIGHTLY} DO DELETE FROM t WHERE a = {number}", definer=account, metadata=metadata)
    return metadata


@pytest.mark.parametrize("kind", ["view", "procedure", "trigger", "event"])
def test_the_account_that_is_declared(flavour: Flavour, kind: str) -> None:
    """It counts, however it is spelled; our own one is the default; and who no longer declares it keeps it."""
    own = str(flavour.conn.query("SELECT CURRENT_USER()")[0][0])
    apply(flavour, declared_for(kind, None))
    assert not changes(flavour, declared_for(kind, own)) and not changes(flavour, declared_for(kind, "CURRENT_USER"))
    apply(flavour, declared_for(kind, "'nobody'@localhost"))
    for spelled in ("nobody@localhost", "`nobody`@`localhost`", None):
        assert not changes(flavour, declared_for(kind, spelled))
    apply(flavour, declared_for(kind, own, 2))
    (item,) = (item for item in inspected(flavour.conn, flavour.dialect).objects() if isinstance(item, Definition))
    assert "DEFINER" not in item.sql.text


@pytest.mark.parametrize("kind", ["view", "function", "procedure"])
def test_sql_security_that_nobody_declares_stays(flavour: Flavour, kind: str) -> None:
    def declared(security: str, number: int = 1) -> sa.MetaData:
        metadata = models()
        match kind:
            case "view":
                View("x", f"SELECT a + {number} AS b FROM t", options=security or None, metadata=metadata)
            case "function":
                returns = f"RETURNS VARCHAR(20) CHARACTER SET utf8mb4 {security} DETERMINISTIC"
                Function("x(n INT)", f"{returns} RETURN concat(n, {number})", metadata=metadata)
            case _:
                Procedure("x(n INT)", f"{security} COMMENT 'x' SELECT n, {number}", metadata=metadata)
        return metadata

    apply(flavour, declared("SQL SECURITY INVOKER"))
    assert not changes(flavour, declared(""))
    apply(flavour, declared("", 2))
    assert not changes(flavour, declared("SQL SECURITY INVOKER", 2))
    apply(flavour, declared("SQL SECURITY DEFINER", 2))
    assert not changes(flavour, declared("", 2))


@pytest.mark.parametrize("kind", ["function", "procedure"])
def test_privileges_of_a_routine_come_back(flavour: Flavour, kind: str) -> None:
    """MySQL drops it and forgets them; MariaDB keeps them with OR REPLACE, and a rollback that creates it again has them too."""
    conn = flavour.conn

    def declared(*numbers: int) -> sa.MetaData:
        metadata = models()
        for number in numbers:
            if kind == "function":
                Function("x()", f"RETURNS int DETERMINISTIC RETURN {number}", metadata=metadata)
            else:
                Procedure("x()", f"SELECT {number}", metadata=metadata)
        return metadata

    def granted() -> list[Any]:
        return conn.query(
            "SELECT user, proc_priv FROM mysql.procs_priv WHERE db = DATABASE() AND user LIKE 'routine%' ORDER BY user"
        )

    def regenerated(metadata: sa.MetaData) -> list[str]:
        """What is generated where nobody has declared privileges."""
        current = inspected(conn, flavour.dialect)
        desired = flavour.dialect.canonical(read([metadata], flavour.dialect))
        both = pair(current, preserve_unspecified(current, desired, flavour.dialect, lambda *_: False))
        normalized = flavour.dialect.normalize_on_server(conn, both.current, both.desired, ambiguous_expressions(both))
        return list(plan(pair(current, normalized), flavour.dialect, Prefs(online=False)).upgrade())

    apply(flavour, declared(1))
    users = [f"`routine{kind}{number}`@`%`" for number in (1, 2)]
    for user in users:
        conn.execute(f"CREATE USER IF NOT EXISTS {user}")
    try:
        conn.execute(f"GRANT EXECUTE ON {kind} x TO {users[0]}")
        conn.execute(f"GRANT EXECUTE, ALTER ROUTINE ON {kind} x TO {users[1]} WITH GRANT OPTION")
        before = granted()
        assert len(before) == 2
        assert not regenerated(declared(1))
        run(conn, flavour.dialect, regenerated(declared(2)))
        assert not regenerated(declared(2))
        assert granted() == before
        dropped = [Drop(item) for item in inspected(conn, flavour.dialect).objects() if isinstance(item, Definition)]
        back = [sql for drop in dropped for sql in flavour.dialect.ddl(drop.inverse(), Schema(), Schema(), Prefs())]
        conn.execute(f"DROP {kind} x")
        assert not granted()
        run(conn, flavour.dialect, back)
        assert granted() == before
    finally:
        for user in users:
            conn.execute(f"DROP USER {user}")


def test_a_trigger_for_another_moment_leaves_its_place(flavour: Flavour) -> None:
    def declared(moment: str) -> sa.MetaData:
        metadata = models()
        Trigger("a", "BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", metadata=metadata)
        Trigger("b", f"{moment} ON t FOR EACH ROW SET NEW.a = 2", metadata=metadata)
        Trigger("c", "BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 3", metadata=metadata)
        return metadata

    apply(flavour, declared("BEFORE INSERT"))
    apply(flavour, declared("BEFORE UPDATE"))
    apply(flavour, declared("BEFORE INSERT"))


def test_a_trigger_goes_back_to_its_place(flavour: Flavour) -> None:
    """Triggers of one table, time and event fire in the order of their creation."""

    def declared(*numbers: int) -> sa.MetaData:
        metadata = models()
        for name, number in zip("abc", numbers, strict=True):
            Trigger(name, f"BEFORE INSERT ON t FOR EACH ROW SET NEW.a = {number}", metadata=metadata)
        return metadata

    def order() -> list[str]:
        query = "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY action_order"
        return [str(name) for (name,) in flavour.conn.query(query)]

    apply(flavour, declared(1, 2, 3))
    for numbers in ((9, 2, 3), (9, 8, 3), (9, 8, 7)):
        apply(flavour, declared(*numbers))
        assert order() == ["a", "b", "c"]


def test_what_the_server_refuses_is_left_to_the_migration(flavour: Flavour) -> None:
    metadata = models()
    View("v", "SELECT a FROM t", metadata=metadata)
    apply(flavour, metadata)
    other = models()
    View("v", "SELECT missing FROM t", metadata=other)
    with pytest.raises(DatabaseError, match="missing"):
        run(flavour.conn, flavour.dialect, changes(flavour, other))


def test_a_database_that_a_killed_run_left(flavour: Flavour) -> None:
    flavour.conn.execute("CREATE DATABASE dbwarden_definitions_0")
    metadata = models()
    View("v", "SELECT a FROM t", metadata=metadata)
    apply(flavour, metadata)
    assert not flavour.conn.query("SHOW DATABASES LIKE 'dbwarden_definitions_0'")


_SUM = """
    RETURNS INT
    BEGIN
        DECLARE total INT DEFAULT {start};
        DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN total;
        LOOP
            FETCH GROUP NEXT ROW;
            SET total = total + n;
        END LOOP;
    END
"""


def test_a_stored_aggregate_function(flavour: Flavour) -> None:
    """MariaDB has them; what it lists as a function comes back as an aggregate."""
    if flavour.name == "mysql":
        pytest.skip("MySQL has none")
    flavour.conn.execute("CREATE TABLE t (id INT PRIMARY KEY, a INT)")
    flavour.conn.execute("INSERT INTO t VALUES (1, 20), (2, 22)")
    for start in (0, 100):
        metadata = models()
        Aggregate("total(n INT)", _SUM.format(start=start), metadata=metadata)
        apply(flavour, metadata)
        assert flavour.conn.query("SELECT total(a) FROM t") == [(42 + start,)]
    (item,) = (item for item in inspected(flavour.conn, flavour.dialect).objects() if isinstance(item, Definition))
    declared = flavour.dialect.declaration(item)
    assert declared is not None and (declared.constructor, declared.name) == ("Aggregate", "total(n int(11))")
    flavour.conn.execute("DROP FUNCTION total")
    flavour.conn.execute(item.sql.text)
    assert flavour.conn.query("SELECT total(a) FROM t") == [(142,)]


def test_packages_and_routines_of_another_language_are_left_alone(flavour: Flavour) -> None:
    """They are listed, the models do not describe them, and nobody pretends to write them."""
    if flavour.name == "mysql":
        pytest.skip("MySQL has no sql_mode ORACLE")
    flavour.conn.execute("SET sql_mode = ORACLE")
    flavour.conn.execute("CREATE PACKAGE p AS FUNCTION f RETURN INT; END")
    flavour.conn.execute("CREATE PACKAGE BODY p AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END; END")
    flavour.conn.execute("CREATE FUNCTION o RETURN INT AS BEGIN RETURN 2; END")
    flavour.conn.execute("SET sql_mode = DEFAULT")
    items = {item.ref: item for item in inspected(flavour.conn, flavour.dialect).objects()}
    assert [(ref.kind, ref.name) for ref in sorted(items)] == [
        ("function", "o"), ("package", "p"), ("package body", "p")
    ]  # fmt: skip
    assert not changes(flavour, sa.MetaData())
    assert not any(map(flavour.dialect.declaration, items.values()))
    with pytest.raises(Unsupported, match=r"a package .* is left as it is"):
        flavour.dialect.ddl(Drop(items[Ref("package", "p")]).inverse(), Schema(), Schema(), Prefs())
    flavour.conn.execute("DROP FUNCTION o")
    run(
        flavour.conn,
        flavour.dialect,
        flavour.dialect.ddl(Drop(items[Ref("function", "o")]).inverse(), Schema(), Schema(), Prefs()),
    )
    assert flavour.conn.query("SELECT o()") == [(2,)]


def test_a_json_duality_view_stays_one(flavour: Flavour) -> None:
    """The catalogue lists it among the views, whose statement would be refused."""
    if flavour.name != "mysql" or flavour.dialect.server.version < (9, 4):
        pytest.skip("MySQL 9.4 has them")
    apply(flavour, models())
    flavour.conn.execute("CREATE JSON DUALITY VIEW d AS SELECT JSON_DUALITY_OBJECT('_id': id, 'a': a) FROM t")
    assert not changes(flavour, models())
    (item,) = (item for item in inspected(flavour.conn, flavour.dialect).objects() if isinstance(item, Definition))
    assert flavour.dialect.declaration(item) is None
    flavour.conn.execute("DROP VIEW d")
    run(flavour.conn, flavour.dialect, flavour.dialect.ddl(Drop(item).inverse(), Schema(), Schema(), Prefs()))
    assert inspected(flavour.conn, flavour.dialect).get(item.ref) == item
