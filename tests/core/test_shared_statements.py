"""Statements that several threads read at once: dialects keep them, and parts are read when they are needed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from dbwarden import dialects
from dbwarden.core.ddl.statements import CreateTable


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("engine", ["postgresql", "sqlite", "mysql", "mariadb", "clickhouse"])
def test_parts_of_a_table_in_threads(impatient: None, engine: str) -> None:
    columns = ", ".join(f"c{number} INTEGER" for number in range(300))
    dialect = dialects.get(engine)
    for attempt in range(5):
        table = dialect.parse(f"CREATE TABLE t{attempt} ({columns})")
        assert isinstance(table, CreateTable)
        parts: list[Callable[[], object]] = [table.definition, table.options, table.source] * 2
        results: list[object] = [None] * len(parts)
        gate = threading.Barrier(len(parts))

        def read(
            at: int, part: Callable[[], object], gate: threading.Barrier = gate, into: list[object] = results
        ) -> None:
            gate.wait()
            into[at] = part()

        threads = [threading.Thread(target=read, args=item) for item in enumerate(parts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(table.columns) == 300
        assert results == [part() for part in parts]
