"""Declared views, routines, triggers and events: what is compared, and what they leave to the server."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dbwarden.core.dialect import Prefs
from dbwarden.core.model import Definition
from dbwarden.core.plan import plan
from dbwarden.errors import DatabaseError, Unsupported
from dbwarden.objects import Event, Function, Procedure, Trigger, View
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
    assert any("CREATE EVENT nightly" in sql for sql in changes(flavour, other))


@pytest.mark.parametrize("schedule", ["EVERY 1 DAY", "AT CURRENT_TIMESTAMP + INTERVAL 1 DAY"])
def test_a_schedule_that_begins_now(flavour: Flavour, schedule: str) -> None:
    metadata = models()
    Event("e", f"ON SCHEDULE {schedule} DO DELETE FROM t", metadata=metadata)
    with pytest.raises(Unsupported, match="the schedule of event 'e'"):
        changes(flavour, metadata)


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
    assert any("CREATE DEFINER=`nobody`@`localhost`" in sql for sql in plan_.upgrade())
    assert any("CREATE DEFINER=`nobody`@`localhost`" in sql for sql in plan_.rollback())


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
