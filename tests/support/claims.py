"""What a run that stopped claims of the files that it ran, and whether that is so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from tests.support.disturbed_database import Database


@dataclass(frozen=True, slots=True)
class File:
    """A file of the chain."""

    name: str
    statements: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.name if not self.name[:4].isdecimal() else self.name[:4]


NAMED = re.compile(r"Error: ([\w.]+\.sql):\d+: ")
_FINISHED = re.compile(r"^(?:Applied|Rolled back) ([\w.]+\.sql)", re.MULTILINE)
_REMAIN = re.compile(r"Statements? 1(?: to (\d+))? of \d+ remains? in effect")
_DOUBT = re.compile(r"Whether statements? (\d+)(?: to (\d+))? (?:was committed|were committed|had its effect)")
STEP = re.compile(r"statement (\d+) of (\d+)")


class Chain:
    """The files in the order in which they run, and the database behind each of their statements."""

    def __init__(self, files: Sequence[File], database: Database) -> None:
        self.files = files
        self.first = [0, *accumulate(len(file.statements) for file in self.files)]
        self.before = {0}
        """The positions of the database before the run."""
        self.states = [database.state(), *database.run([sql for file in files for sql in file.statements])]

    def positions(self, state: str) -> set[int]:
        """How many statements have had their effect; several, where one changes nothing."""
        return {at for at, one in enumerate(self.states) if one == state}

    def refuted(self, output: str, positions: set[int]) -> str | None:
        """The claim that is not true."""
        names, finished = [file.name for file in self.files], _FINISHED.findall(output)
        behind = names.index(finished[-1]) + 1 if finished else 0
        if not any(at >= self.first[behind] for at in positions):
            return f"says that {finished[-1]} is finished"
        named = NAMED.search(output)
        at = names.index(named[1]) if named else behind
        if at == len(names):
            return None
        if "What an earlier run left of the file is unchanged" in output:
            return None if positions & self.before else "says that nothing changed"
        done, total = {one - self.first[at] for one in positions}, len(self.files[at].statements)
        possible = _possible(" ".join(output.split()), total)
        if possible is None:
            return f"says nothing of {names[at]}" if named else None
        return None if possible & done else f"says {sorted(possible)} of {names[at]}, where {sorted(done)} are done"


def _possible(output: str, total: int) -> set[int] | None:
    """How many statements of the file have had their effect by what is said; None: nothing is said."""
    remain, doubt = _REMAIN.search(output), _DOUBT.search(output)
    known = int(remain[1] or 1) if remain else 0
    if "Nothing of the file remains" in output:
        return {0}
    if doubt:
        return set(range(max(known, int(doubt[1]) - 1), int(doubt[2] or doubt[1]) + 1))
    if "Whether the file was committed" in output:
        return {0, total}
    if claim := re.search(r"Statement (\d+) had its effect, which is not recorded", output):
        return {int(claim[1])}
    if claim := re.search(r"Statement (\d+) was not begun", output):
        return {int(claim[1]) - 1} if known in (0, int(claim[1]) - 1) else set()
    if "are in effect; the next run records" in output or "Its statement is in effect" in output:
        return {total}
    return {known} if remain else None
