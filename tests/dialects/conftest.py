"""What the conformance suite runs on: every dialect of the table of engines, and the toy of ``toy.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.engine import SUPPORTED
from dbwarden.core.model import Object, Schema
from dbwarden.core.plan import ambiguous_expressions, pair, plan
from dbwarden.core.steps import Plan
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers import VERSIONS

from .toy import Toy

DIALECTS: dict[str, Callable[[], Dialect]] = {**{name: partial(dialects.get, name) for name in SUPPORTED}, "toy": Toy}


SHARED = {"clickhouse": frozenset(("function", "named_collection"))}
"""Kinds that belong to the whole server, where other tests create and drop theirs meanwhile."""


@dataclass(frozen=True)
class Subject:
    """A dialect with an empty database of its own."""

    dialect: Dialect
    conn: DatabaseConnection

    def schema(self, *objects: Object) -> Schema:
        """The canonical schema of these objects."""
        return self.dialect.canonical(Schema(objects))

    def inspect(self) -> Schema:
        shared = SHARED.get(self.dialect.name, frozenset())
        return Schema(item for ref, item in self.dialect.inspect(self.conn, Scope()).items() if ref.kind not in shared)

    def plan(self, current: Schema, desired: Schema, prefs: Prefs | None = None) -> Plan:
        """The plan between two schemas, everything in the former being ours."""
        owned = [ref for ref, item in current.items() if not item.derived]
        both = pair(current, desired, owned)
        if waiting := ambiguous_expressions(both):
            both = pair(current, self.dialect.normalize_on_server(self.conn, both.current, desired, waiting), owned)
        return plan(both, self.dialect, prefs)

    def execute(self, statements: Sequence[str]) -> None:
        """As a migration does: in a transaction with the dialect's hooks where there are transactions."""
        hooks = self.dialect.transaction_hooks(self.conn, statements)
        hooks.open()
        try:
            with self.conn.transaction() if self.dialect.features.transactional_ddl else nullcontext():
                for sql in statements:
                    if not self.dialect.facts(sql).session:
                        self.conn.execute(sql)
                hooks.check()
        finally:
            hooks.close()

    def build(self, objects: Iterable[Object]) -> Schema:
        """Create these objects in the empty database; what is there then."""
        desired = self.schema(*objects)
        self.execute(self.plan(Schema(), desired).upgrade())
        return self.inspect()


@pytest.fixture(params=[*DIALECTS, *VERSIONS])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Each dialect in turn, and some on a second version of its engine."""
    url = request.getfixturevalue("sqlite_url" if request.param == "toy" else f"{request.param}_url")
    connection = connect(url)
    dialect = DIALECTS[url.partition(":")[0] if request.param in VERSIONS else request.param]()
    yield Subject(dialect.for_server(dialect.server_of(connection)), connection)
    connection.close()
