"""``check --out markdown``: the report as a comment for a review.

The first line is a hidden marker, by which a job recognises the comment that it wrote before. A comment may have 65,536 characters
(GitHub's limit): of a longer report, the statements are left out first, then the changes, then findings, and the end says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbwarden.api.forecast_words import WAITERS, WORK, duration_words

from . import markdown as md
from .findings import place_of
from .view import counted, shortened, shown_path

if TYPE_CHECKING:
    from dbwarden.api.check import CheckReport
    from dbwarden.api.checked_files import CheckedFile, LostData
    from dbwarden.api.explained import ExplainedLock, ExplainedStatement

LIMIT = 65_536
_RESERVE = 300
"""Room for the last line, which says what was left out."""
_ROWS = 100
"""Rows of a table, and characters of a statement in it: enough to recognise it."""
_PROOF = {
    "proven": "proven",
    "stale": "**edited after it was proven**",
    "unbound": "proven, but the header does not say which statements",
    "unproven": "**unproven**",
    "none": "not tried out",
}


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that are shown together or left out together; blocks of a lower ``rank`` are left out last."""

    rank: int
    lines: tuple[str, ...]
    about: str = ""
    """What is left out, in words."""


def marker(databases: Sequence[str]) -> str:
    """Hidden first line of the comment about these databases."""
    return f"<!-- dbwarden check: {', '.join(databases)} -->"


def to_markdown(reports: Sequence[CheckReport], summary: Callable[[CheckReport], str], limit: int = LIMIT) -> str:
    """The comment for all reports, of at most ``limit`` characters."""
    blocks = [_Block(0, (marker([report.database for report in reports]), ""))]
    for report in reports:
        blocks += _report(report, summary(report))
    return _fitted(blocks, limit)


def _fitted(blocks: Sequence[_Block], limit: int) -> str:
    """The blocks as text; if it is too long, without those of the highest rank, from the last one on."""
    lengths = [sum(len(line) + 1 for line in block.lines) for block in blocks]
    length = sum(lengths)
    room = limit if length <= limit else limit - _RESERVE
    kept = set(range(len(blocks)))
    left_out: list[str] = []
    for at in sorted(kept, key=lambda at: (-blocks[at].rank, -at)):
        if length <= room or blocks[at].rank == 0:
            break
        kept.remove(at)
        length -= lengths[at]
        left_out.append(blocks[at].about)
    lines = [line for at in sorted(kept) for line in blocks[at].lines]
    if left_out:
        counts = ", ".join(f"{words} ({left_out.count(words)})" for words in dict.fromkeys(left_out))
        lines.append(
            f"**Left out, because a comment has room for {limit:,} characters:** {counts}. The log of the job has all."
        )
    text = "\n".join(lines).rstrip() + "\n"
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\n"


# -- one database -------------------------------------------------------------------------------------------------


def _report(report: CheckReport, summary: str) -> list[_Block]:
    severity, _, rest = summary.partition(": ")
    head = (f"## {md.text(report.database)}: {severity}", "", f"{md.text(rest)} ({md.text(report.dialect)}).", "")
    blocks = [_Block(0, head)]
    blocks += _findings(report)
    if report.differences:
        lines = [f"- {md.text(difference)}" for difference in report.differences[:_ROWS]]
        more = len(report.differences) - len(lines)
        lines += [f"- and {more} more"] * bool(more)
        blocks.append(_Block(2, ("**Models and database differ**", "", *lines, ""), "differences of the models"))
    for file in report.migrations:
        blocks += _file(file)
    if report.notes:
        blocks.append(_Block(2, (*(f"- {md.prose(note)}" for note in report.notes), ""), "notes"))
    return blocks


def _findings(report: CheckReport) -> list[_Block]:
    from dbwarden.api.rule_pages import page_of

    if not report.findings:
        return []
    header = ("severity", "rule", "where", "what", "what to do")
    rows = [
        (
            f"**{finding.severity}**" if finding.severity == "CRITICAL" else finding.severity,
            md.link(finding.rule, page_of(finding.rule)),
            md.code(place_of(finding)),
            md.prose(finding.message),
            md.prose(finding.advice),
        )
        for finding in report.findings
    ]
    first, second, *lines = md.table(header, rows)
    # A block for each row, so that the mildest and last ones are left out first.
    ranks = {"CRITICAL": 1, "WARN": 3, "INFO": 4}
    blocks = [_Block(0, (first, second))]
    blocks += [
        _Block(ranks[finding.severity], (line,), f"{finding.severity} findings")
        for finding, line in zip(report.findings, lines, strict=True)
    ]
    return [*blocks, _Block(0, ("",))]


# -- one file -----------------------------------------------------------------------------------------------------


def _file(file: CheckedFile) -> list[_Block]:
    blocks = [_Block(1, (f"### {md.code(shown_path(file.path))}", "", _standing(file), ""), "files")]
    if file.lost_data:
        lost = "; ".join(map(_lost, file.lost_data))
        blocks.append(_Block(1, (f"**Data lost:** {lost}", ""), "lost data"))
    if file.changes:
        rows = [
            (
                change.action,
                md.code(change.object or change.part),
                md.text(change.part if change.object else ""),
                _value(change.from_),
                _value(change.to),
            )
            for change in file.changes[:_ROWS]
        ]
        more = len(file.changes) - len(rows)
        rows += [("", f"and {more} more", "", "", "")] * bool(more)
        lines = md.table(("change", "of", "what", "from", "to"), rows)
        blocks.append(_Block(5, (*lines, ""), "changes of a file"))
    blocks.append(_Block(3, (*_locks(file.locks), ""), "locks of a file"))
    if file.statements:
        blocks.append(_Block(6, _statements(file.statements), "statements of a file"))
    return blocks


def _standing(file: CheckedFile) -> str:
    inside = sum(statement.transactional for statement in file.statements) if file.transaction else 0
    words = counted(len(file.statements), "statement")
    if inside != len(file.statements):
        words += f", {inside or 'none'} of them in a transaction"
    proof = _PROOF[file.proof] + (f" ({md.text(_claimed(file))})" if file.proof_text else "")
    back = "has a rollback" if file.rollback else "**no rollback**"
    if file.irreversible is not None:
        back = f"**irreversible**: {md.text(file.irreversible)}"
    return f"{words}; {back}; {proof}"


def _claimed(file: CheckedFile) -> str:
    """What the header says, without the digest, which only the program reads."""
    return file.proof_text.partition("; digest ")[0]


def _lost(lost: LostData) -> str:
    rows = "" if lost.rows is None else f" (about {counted(lost.rows, 'row')})"
    return f"{md.text(lost.object)}{rows}"


def _value(value: str | None) -> str:
    return md.code(shortened(value, _ROWS)) if value else ""


def _locks(locks: Sequence[ExplainedLock]) -> list[str]:
    if not locks:
        return ["Nobody has to wait for a table."]
    rows = [
        (
            md.code(lock.table),
            md.text(lock.lock),
            WAITERS[lock.blocks],
            str(lock.first) if lock.first == lock.last else f"{lock.first} to {lock.last}",
            duration_words(lock.duration) or "not known without the size",
        )
        for lock in locks[:_ROWS]
    ]
    return md.table(("locked table", "lock", "who waits", "in statement", "how long"), rows)


def _statements(statements: Sequence[ExplainedStatement]) -> tuple[str, ...]:
    rows = [
        (
            str(statement.number),
            md.code(shortened(statement.sql, _ROWS)),
            md.text(", ".join(table.text for table in statement.tables)),
            md.text(statement.lock),
            WORK[statement.work] + (", deletes data" if statement.deletes_data else ""),
            duration_words(statement.duration),
        )
        for statement in statements[:_ROWS]
    ]
    more = len(statements) - len(rows)
    rows += [("", f"and {more} more", "", "", "", "")] * bool(more)
    table = md.table(("", "statement", "on", "lock", "work", "how long"), rows)
    return (f"<details><summary>{counted(len(statements), 'statement')}</summary>", "", *table, "", "</details>", "")
