"""What a statement does, judged by its first words: ordered rows, the first that matches counts.

SQLite locks the whole file, so the lock only says whether anything is written at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from dbwarden.core.statement import Effect, Facts, Lock
from dbwarden.core.types import Ref

from .words import TOKEN, unquote


@dataclass(frozen=True, slots=True)
class Row:
    """``pattern`` matches the first words in capitals; ``table`` says behind which word the target's name stands."""

    pattern: re.Pattern[str]
    action: str
    effects: frozenset[Effect] = frozenset()
    kind: str = ""
    behind: tuple[str, ...] = ()
    lock: Lock = Lock.ACCESS_EXCLUSIVE
    transactional: bool = True
    session: bool = False


def _row(pattern: str, action: str, *effects: Effect, kind: str = "", behind: str = "", **rest: bool | Lock) -> Row:
    return Row(re.compile(pattern), action, frozenset(effects), kind, tuple(behind.split()), **rest)  # type: ignore[arg-type]


_TEMP = r"(?:TEMP |TEMPORARY )?"

ROWS = (
    _row(rf"CREATE {_TEMP}TABLE\b", "create table", Effect.CREATES, kind="table", behind="TABLE"),
    _row(r"CREATE VIRTUAL TABLE\b", "create virtual table", Effect.CREATES, kind="table", behind="TABLE"),
    _row(r"CREATE (?:UNIQUE )?INDEX\b", "create index", Effect.CREATES, Effect.SCANS, kind="index", behind="INDEX"),
    _row(rf"CREATE {_TEMP}VIEW\b", "create view", Effect.CREATES, kind="view", behind="VIEW"),
    _row(rf"CREATE {_TEMP}TRIGGER\b", "create trigger", Effect.CREATES, kind="trigger", behind="TRIGGER"),
    _row(r"DROP TABLE\b", "drop table", Effect.DROPS, Effect.DELETES_DATA, kind="table", behind="TABLE"),
    _row(r"DROP INDEX\b", "drop index", Effect.DROPS, kind="index", behind="INDEX"),
    _row(r"DROP VIEW\b", "drop view", Effect.DROPS, kind="view", behind="VIEW"),
    _row(r"DROP TRIGGER\b", "drop trigger", Effect.DROPS, kind="trigger", behind="TRIGGER"),
    _row(r"ALTER TABLE\b.* RENAME TO\b", "rename table", Effect.CHANGES, kind="table", behind="TABLE"),
    _row(r"ALTER TABLE\b.* RENAME\b", "rename column", Effect.CHANGES, kind="table", behind="TABLE"),
    _row(r"ALTER TABLE\b.* ADD\b", "add column", Effect.CHANGES, kind="table", behind="TABLE"),
    _row(r"ALTER TABLE\b.* DROP\b", "drop column", Effect.CHANGES, Effect.DELETES_DATA, kind="table", behind="TABLE"),
    _row(r"(?:INSERT|REPLACE)\b", "insert", Effect.WRITES_ROWS, kind="table", behind="INTO", lock=Lock.ROW_EXCLUSIVE),
    _row(r"UPDATE\b", "update", Effect.WRITES_ROWS, kind="table", behind="UPDATE", lock=Lock.ROW_EXCLUSIVE),
    _row(
        r"DELETE FROM\b",
        "delete",
        Effect.WRITES_ROWS,
        Effect.DELETES_DATA,
        kind="table",
        behind="FROM",
        lock=Lock.ROW_EXCLUSIVE,
    ),
    # Void inside a transaction (https://www.sqlite.org/pragma.html#pragma_foreign_keys): the envelope runs it.
    _row(r"PRAGMA (?:\w+ \. )?FOREIGN_KEYS [=(]", "foreign keys on or off", session=True, lock=Lock.NONE),
    _row(
        r"PRAGMA (?:\w+ \. )?(?:JOURNAL_MODE|SYNCHRONOUS|PAGE_SIZE|AUTO_VACUUM|WAL_CHECKPOINT|LOCKING_MODE)\b",
        "pragma outside a transaction",
        transactional=False,
    ),
    _row(r"PRAGMA\b", "pragma", lock=Lock.NONE),
    _row(r"VACUUM\b", "vacuum", Effect.REWRITES, transactional=False),
    _row(r"(?:ATTACH|DETACH)\b", "attach or detach a database", transactional=False, lock=Lock.NONE),
    _row(r"(?:BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b", "transaction control", lock=Lock.NONE),
    _row(r"REINDEX\b", "reindex", Effect.SCANS),
    _row(r"ANALYZE\b", "analyze", Effect.SCANS, lock=Lock.ROW_EXCLUSIVE),
    _row(r"(?:SELECT|VALUES|EXPLAIN)\b", "select", lock=Lock.ACCESS_SHARE),
    _row(r"WITH\b", "statement with a common table expression", Effect.WRITES_ROWS, lock=Lock.ROW_EXCLUSIVE),
)

_FIRST_WORDS = 14
_NOISE = frozenset(("IF", "NOT", "EXISTS"))


def facts(sql: str) -> Facts:
    """The facts of one statement; ``known`` is false where no row matches."""
    words = [m.group() for m in islice((m for m in TOKEN.finditer(sql) if m.lastgroup is None), _FIRST_WORDS)]
    head = [word.upper() for word in words]
    text = " ".join(head)
    for row in ROWS:
        if row.pattern.match(text):
            return Facts(
                lock=row.lock,
                effects=row.effects,
                transactional=row.transactional,
                session=row.session,
                targets=_targets(row, words, head),
                action=row.action,
            )
    return Facts(known=False)


def _targets(row: Row, words: list[str], head: list[str]) -> tuple[Ref, ...]:
    name = _name_behind(row.behind, words, head)
    if name is None:
        return ()
    if row.kind == "index" or row.kind == "trigger":
        table = _name_behind(("ON",), words, head)
        return (Ref(row.kind, name, None, table),)
    if row.action == "rename table":
        return (Ref("table", name), Ref("table", _name_behind(("TO",), words, head) or ""))
    return (Ref(row.kind, name),)


def _name_behind(behind: tuple[str, ...], words: list[str], head: list[str]) -> str | None:
    for word in behind:
        if word not in head:
            continue
        at = head.index(word) + 1
        while at < len(head) and head[at] in _NOISE:
            at += 1
        if head[at : at + 1] == ["OR"]:  # UPDATE OR IGNORE
            at += 2
        if at + 2 < len(head) and head[at + 1] == ".":
            at += 2
        return unquote(words[at]) if at < len(words) else None
    return None
