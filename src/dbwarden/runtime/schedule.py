"""Schedule of a file's statements: in a shared transaction, in one of their own, or outside a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dbwarden.core.dialect import StatementDialect
from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.statement import Blocks
from dbwarden.errors import ImplicitCommit, TransactionControl

from .file_progress import excerpt

CONTROL = "transaction control"
"""The ``Facts.action`` of BEGIN, COMMIT, SAVEPOINT and their like."""

_NONE = frozenset[int]()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Sets of a file's statements, by number from 1. A statement in no set shares a transaction with its neighbours."""

    total: int
    outside_transaction: frozenset[int] = _NONE
    """Statements that the engine refuses inside a transaction: each runs between *intent* and *done*."""
    own_transaction: frozenset[int] = _NONE
    """Statements that each have a transaction of their own, shared only with the journal entry."""
    nonblocking: frozenset[int] = _NONE
    """Statements of both kinds that block neither readers nor writers: they may wait for old transactions without limit."""
    session_settings: frozenset[int] = _NONE
    """Statements that count only outside a transaction (SQLite: ``PRAGMA foreign_keys``); transaction hooks run them."""
    changes_session: frozenset[int] = _NONE
    """Statements that change the session beyond their transaction."""
    repeated: frozenset[int] = _NONE
    """Those of them that change nothing else: a resumed file runs them again."""

    @property
    def journaled(self) -> bool:
        """Whether the file is more than one transaction."""
        return bool(self.outside_transaction or self.own_transaction)

    @property
    def last_separate(self) -> int:
        """Number of the last statement before those that share a transaction with the file's event."""
        return max(self.outside_transaction | self.own_transaction, default=0)

    def runs_alone(self, number: int) -> bool:
        """Whether a statement shares a transaction with no other statement."""
        return number in self.outside_transaction or number in self.own_transaction


def schedule_of_script(dialect: StatementDialect, transaction: str | None) -> Schedule:
    """The schedule of a script: one transaction with the file's event, unless the file says ``off`` or the engine has no
    transactions."""
    alone = transaction == "off" or not dialect.features.row_counts  # an engine has both or neither
    return Schedule(total=1, outside_transaction=frozenset((1,)) if alone else _NONE)


def schedule(
    dialect: StatementDialect,
    file: str,
    statements: Sequence[SqlStatement],
    transaction: str | None,
    changes_session: Callable[[str], bool],
) -> Schedule:
    """Divide a file's statements by what their text says. ``transaction`` is the file's header: ``on``, ``off`` or
    None.

    ``Dialect.facts`` knows a statement that the engine refuses inside a transaction. ``Dialect.analyze_file`` also
    knows one that must be committed before the next (PostgreSQL: a new enum value before its first use). Raises
    ``TransactionControl``, and ``ImplicitCommit`` if the header asks for a transaction that the engine would end.
    """
    facts = dialect.analyze_file([statement.text for statement in statements])
    for statement, fact in zip(statements, facts, strict=True):
        if fact.action == CONTROL:
            raise TransactionControl(file=file, line=statement.line, excerpt=excerpt(statement.text))
        if transaction == "on" and not fact.transactional and not dialect.features.transactional_ddl:
            raise ImplicitCommit(file=file, line=statement.line, excerpt=excerpt(statement.text))
    session_settings = frozenset(n for n, fact in enumerate(facts, 1) if fact.session)
    apart = (
        frozenset(n for n, fact in enumerate(facts, 1) if not fact.transactional and transaction != "on")
        - session_settings
    )
    outside_transaction = frozenset(n for n in apart if not dialect.facts(statements[n - 1].text).transactional)
    own_transaction = frozenset(range(1, len(facts) + 1)) - session_settings if transaction == "off" else apart
    by_itself = outside_transaction | own_transaction
    changing = frozenset(n for n, statement in enumerate(statements, 1) if changes_session(statement.text))
    return Schedule(
        total=len(facts),
        outside_transaction=outside_transaction,
        own_transaction=own_transaction - outside_transaction,
        nonblocking=frozenset(
            n for n in by_itself if facts[n - 1].blocks is Blocks.DDL and not dialect.features.lock_queues
        ),
        session_settings=session_settings,
        changes_session=changing,
        repeated=frozenset(n for n in changing if not facts[n - 1].effects),
    )
