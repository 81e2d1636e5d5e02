"""Joining of printed statements: one ALTER TABLE of neighbours that change the same table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dbwarden.core import sqltext

from .online import INSTANT, INSTANT_APART, INSTANT_VIRTUAL, ONLINE_APART
from .words import LEXICAL_RULES

_STATEMENT = re.compile(r"((?:--[^\n]*\n)*)((?:SET STATEMENT [^\n]* FOR\n)?)ALTER TABLE (`(?:[^`]|``)+`|\S+)\s+")
_GUARANTEE = ("ALGORITHM=", "LOCK=")
_COLUMN = re.compile(r"(ADD|DROP|MODIFY|ALTER|RENAME) COLUMN (`(?:[^`]|``)+`|\S+)(?: TO (`(?:[^`]|``)+`|\S+))?")
_KEY = re.compile(r"DROP FOREIGN KEY (`(?:[^`]|``)+`|\S+)|ADD CONSTRAINT (`(?:[^`]|``)+`|\S+) FOREIGN KEY")
_ALONE = re.compile(
    r"(ADD|DROP|REORGANIZE|COALESCE) PARTITION\b|(LOCK=\w+\s+)?(PARTITION BY|REMOVE PARTITIONING)\b|RENAME TO\b"
    r"|PAGE_CHECKSUM=DEFAULT$"
)
_UNLINK = re.compile(r"DROP FOREIGN KEY ")
_TABLE_OPTION = re.compile(r"[A-Z_]+(?: [A-Z]+)?=")
_RENAME = re.compile(r"RENAME (?:COLUMN|INDEX) ")
_AFTER = re.compile(r" AFTER (`(?:[^`]|``)+`|[^\s']+)$")


def merge_statements(statements: Sequence[str]) -> tuple[str, ...]:
    """Make one ALTER TABLE of neighbours that change the same table and say the same ALGORITHM and LOCK."""
    lines: list[str | _MergedAlter] = []
    for sql in statements:
        alteration = _MergedAlter.of(sql)
        last = lines[-1] if lines else None
        if alteration is None:
            lines.append(sql)
        elif isinstance(last, _MergedAlter) and last.takes(alteration):
            last.clauses += alteration.clauses
            last.guarantee = alteration.guarantee
        else:
            lines.append(alteration)
    return tuple(line if isinstance(line, str) else line.text() for line in lines)


@dataclass(slots=True)
class _MergedAlter:
    """ALTER TABLE as its table, its clauses, and what it says about ALGORITHM and LOCK."""

    table: str
    clauses: list[str]
    guarantee: str
    comment: str = ""
    """Comment lines above the statement."""
    settings: str = ""
    """SET STATEMENT ... FOR, on a line of its own."""

    @classmethod
    def of(cls, sql: str) -> _MergedAlter | None:
        """``None`` for a statement that is not joined with others."""
        opening = _STATEMENT.match(sql)
        if opening is None:
            return None
        guarantee, body = guarantee_of(sql), sql[opening.end() :]
        clauses = list(_clauses(body.removesuffix(guarantee).rstrip().removesuffix(",") if guarantee else body))
        return None if any(map(_ALONE.match, clauses)) else cls(opening[3], clauses, guarantee, opening[1], opening[2])

    def takes(self, other: _MergedAlter) -> bool:
        """Whether one statement can do both: each column is changed once, and a foreign key is not replaced by one of its
        name (errors 1054, 1826 and 1005)."""
        if (self.table, self.settings) != (other.table, other.settings) or other.comment:
            return False
        copied = "ALGORITHM=COPY" in other.guarantee and all(map(_UNLINK.match, self.clauses))
        if self.guarantee != other.guarantee and not copied:  # the shorter a foreign key is missing, the better
            return False
        clauses = self.clauses + other.clauses
        if other.guarantee == INSTANT and any(map(_UNLINK.match, clauses)) and any(map(_TABLE_OPTION.match, clauses)):
            return False  # MariaDB: error 1846, DROP INDEX
        if any(f" REFERENCES {self.table} (" in clause for clause in other.clauses):
            return False  # a foreign key to its own table needs the new types (error 1005)
        if _renames(self.clauses) != _renames(other.clauses) and not _both_columns(clauses):
            return False
        if not _places(self.clauses).isdisjoint(_renamed_or_dropped(other.clauses)):
            return False  # the server looks for the column of AFTER where the others already have their effect
        if (
            self.guarantee in (INSTANT_APART, INSTANT_VIRTUAL, ONLINE_APART)
            and self.clauses[0][:4] != other.clauses[0][:4]
        ):
            return False
        mine, theirs = _subjects(self.clauses), _subjects(other.clauses)
        return mine.isdisjoint(theirs) or (mine & theirs <= _dropped(self.clauses) & _added(other.clauses))

    def text(self) -> str:
        """SQL of the statement; several clauses stand on a line each."""
        parts = [*self.clauses, *([self.guarantee] if self.guarantee else [])]
        head = f"{self.comment}{self.settings}ALTER TABLE {self.table}"
        if len(parts) == 1:
            return f"{head} {parts[0]}"
        return f"{head}\n" + ",\n".join(f"    {part}" for part in parts)


def guarantee_of(sql: str) -> str:
    """What a printed statement says at its end: ``ALGORITHM=INPLACE, LOCK=NONE``."""
    last = sql[sql.rfind("\n") + 1 :].strip()
    return last if last.startswith(_GUARANTEE) else ""


def _clauses(body: str) -> Iterator[str]:
    """The clauses of an ALTER TABLE: the text between its top-level commas."""
    pieces, _ = sqltext.definitions(f"({body})", LEXICAL_RULES)
    return iter(pieces)


def _renames(clauses: Iterable[str]) -> bool:
    return any(map(_RENAME.match, clauses))


def _both_columns(clauses: Iterable[str]) -> bool:
    return all(map(_COLUMN.match, clauses))


def _subjects(clauses: Iterable[str]) -> set[str]:
    """The columns and foreign keys that clauses change."""
    subjects: set[str] = set()
    for clause in clauses:
        if (column := _COLUMN.match(clause)) is not None:
            subjects.update(f"column {name}" for name in column.groups()[1:] if name)
        elif (key := _KEY.match(clause)) is not None:
            subjects.update(f"key {name}" for name in key.groups() if name)
    return subjects


def _places(clauses: Iterable[str]) -> set[str]:
    """The columns after which clauses add one."""
    return {match[1] for clause in clauses if (match := _AFTER.search(clause)) is not None}


def _renamed_or_dropped(clauses: Iterable[str]) -> set[str]:
    matches = [match for clause in clauses if (match := _COLUMN.match(clause)) and match[1] in ("RENAME", "DROP")]
    return {name for match in matches for name in match.groups()[1:] if name}


def _dropped(clauses: Iterable[str]) -> set[str]:
    return {f"column {match[2]}" for clause in clauses if (match := _COLUMN.match(clause)) and match[1] == "DROP"}


def _added(clauses: Iterable[str]) -> set[str]:
    return {f"column {match[2]}" for clause in clauses if (match := _COLUMN.match(clause)) and match[1] == "ADD"}
