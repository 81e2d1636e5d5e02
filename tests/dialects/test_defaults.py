"""What a dialect has that says nothing: no archive, no scratch, no hooks, no way to tell whether a holder lives."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Features, Holder, Liveness, ScratchRequest
from dbwarden.core.model import Column, Computed, Table
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.core.types import DataType, Expression
from dbwarden.dialects.base.dialect import BaseDialect
from dbwarden.dialects.base.names import Quoting
from dbwarden.dialects.base.renderer import Renderer
from dbwarden.errors import Unsupported
from dbwarden.runtime import backup


class PlainRenderer(Renderer):
    product = "Plain"
    quoting = Quoting(re.compile("(?!)"), frozenset(), "`")


class Plain(BaseDialect):
    """A vendor without differences."""

    name = "plain"
    renderer = PlainRenderer()


def test_backups_of_an_engine_without_an_archive_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    with connect("sqlite://") as conn, pytest.raises(Unsupported, match="a backup is not supported by plain"):
        backup.ready(Plain(), conn, tmp_path, lambda: None)
    with pytest.raises(Unsupported):
        backup.examine(Plain(), tmp_path / "x", lambda: None)


def test_there_is_no_scratch_and_nothing_is_known_of_a_holder() -> None:
    with connect("sqlite://") as conn:
        assert Plain().scratch_providers(ScratchRequest("x", lambda name: False, connect)) == ()
        assert Plain().namespaces(conn) == ()
        locker = Plain().locker(conn, "key")
        assert locker.enter() == ""
        assert locker.liveness(Holder("host", 1, "user", "migrate", "")) is Liveness.UNKNOWN


@pytest.mark.parametrize("schemas", [True, False])
def test_a_namespace_wants_an_engine_that_has_them(schemas: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    features = Features(lacks=frozenset(() if schemas else ("namespace",)))
    monkeypatch.setattr(Plain, "features", features, raising=False)
    if schemas:
        assert Plain().ensure_namespace("audit") == "CREATE SCHEMA IF NOT EXISTS `audit`"
    else:
        with pytest.raises(Unsupported, match="it has no schemas"):
            Plain().ensure_namespace("audit")


def test_what_was_interrupted_is_unknown_unless_it_may_run_again() -> None:
    with connect("sqlite://") as conn:
        assert Plain().probe(conn, "CREATE INDEX i ON t (a)") is None
        assert Plain().probe(conn, "CREATE INDEX i ON t (a)", refused=True) is False
        again = type("Again", (Plain,), {"recovery": lambda self, sql: Recovery(Evidence.REPEATABLE)})
        assert again().probe(conn, "VACUUM") is False


def test_rows_are_carried_over_as_they_are_but_not_what_the_engine_computes() -> None:
    total = replace(Column("total", DataType("integer")), computed=Computed(Expression("a + 1")))
    table = Table.of("t", [Column("a", DataType("integer")), total], schema="s")
    carried = Plain().transfer(table)
    assert carried.columns == ("a",)
    assert (carried.select, carried.insert) == ("SELECT `a` FROM `s`.`t`", "INSERT INTO `s`.`t` (`a`) VALUES (:c0)")
