"""Fleet: many targets that run the migrations of one folder, in waves and shards.

Waves are cumulative (``1,10%,100%``): one target first, then up to a tenth of all, then all. A shard is the part of a fleet that
one machine runs; a target belongs to a shard by a hash of its place, so that a new target moves no other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class FleetTarget:
    """One database or schema of a fleet. Its repr shows no password."""

    name: str
    url: str = field(repr=False)
    schema: str = ""
    """Schema that the search path begins with; empty if the target is a whole database."""
    by_schema: bool = False
    """Whether the targets are schemas of one database, or databases of one server, that ``schemas_from`` lists."""
    place: tuple[str, ...] = ()
    """Key that is equal for all spellings of one target."""
    source: str = ""
    """Where it is listed, for messages: ``tenants.txt:3``."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of targets, or a share of them in percent."""

    number: float
    percent: bool = False

    @classmethod
    def parse(cls, text: str) -> Amount:
        """Parse ``3`` or ``2.5%``. Raises ``ValueError`` with a text that completes a sentence."""
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*", text)
        if match is None:
            raise ValueError(f"'{text}' is neither a number of targets nor a percentage such as 10%")
        number, percent = float(match[1]), bool(match[2])
        if number == 0:
            raise ValueError(f"'{text}' is no target at all")
        if percent and number > 100:
            raise ValueError(f"'{text}' is more than 100%")
        if not percent and not number.is_integer():
            raise ValueError(f"'{text}' is not a whole number of targets")
        return cls(number, percent)

    def of(self, total: int) -> float:
        """The amount as a number of targets, not rounded."""
        return total * self.number / 100 if self.percent else self.number

    def __str__(self) -> str:
        return f"{self.number:g}{'%' if self.percent else ''}"


def parse_waves(text: str) -> tuple[Amount, ...]:
    """Parse ``1,10%,100%``. Raises ``ValueError``, also for a wave that is certainly not larger than the one before."""
    waves = tuple(Amount.parse(part) for part in text.split(","))
    for before, after in pairwise(waves):
        if before.percent == after.percent and after.number <= before.number:
            raise ValueError(f"{after} is not more than {before}: each wave counts the targets of those before it")
    return waves


def wave_ends(waves: Sequence[Amount], total: int) -> tuple[int, ...]:
    """For each wave the number of targets that are done when it ends: at least one, and no fewer than in the wave before."""
    ends = list[int]()
    for wave in waves:
        size = min(total, max(1, round(wave.of(total))))
        ends.append(max(size, ends[-1] if ends else 0))
    return tuple(ends)


def failures_allowed(limit: Amount | None, size: int, failed: int) -> bool:
    """Whether a wave of ``size`` targets goes on after ``failed`` failures."""
    return limit is None or not failed or failed < limit.of(size)


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of a fleet; ``index`` counts from 0."""

    index: int
    count: int

    def has(self, target: FleetTarget) -> bool:
        digest = hashlib.sha256("\0".join(target.place).encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"


def parse_shard(text: str, index_of: Sequence[tuple[str, str]] = ()) -> Shard:
    """Parse ``3/10`` (from 1), or ``NAME/10`` with an environment variable that counts from 0, as JOB_COMPLETION_INDEX does.

    ``index_of`` are the environment's variables. Raises ``ValueError``.
    """
    match = re.fullmatch(r"\s*(\w+)\s*/\s*(\d+)\s*", text)
    if match is None:
        raise ValueError(f"'{text}' is not a shard such as 3/10 or JOB_COMPLETION_INDEX/10")
    count = int(match[2])
    if match[1].isdecimal():
        index, words = int(match[1]) - 1, f"'{text}': shards count from 1 to {count}"
    else:
        value = dict(index_of).get(match[1])
        if value is None:
            raise ValueError(f"'{text}' names the environment variable {match[1]}, which is not set")
        if not value.strip().isdecimal():
            raise ValueError(f"the environment variable {match[1]} is '{value}', not a number from 0")
        index, words = int(value), f"the environment variable {match[1]} is {value}: it counts from 0 to {count - 1}"
    if not 0 <= index < count:
        raise ValueError(words)
    return Shard(index, count)


def matching(targets: Sequence[FleetTarget], patterns: Sequence[str]) -> Iterator[FleetTarget]:
    """The targets whose names match one of the patterns (``acme``, ``eu_*``), in their order."""
    return (target for target in targets if any(fnmatchcase(target.name, pattern) for pattern in patterns))


def unmatched(targets: Sequence[FleetTarget], patterns: Sequence[str]) -> list[str]:
    """The patterns that no target's name matches."""
    return [pattern for pattern in patterns if not any(fnmatchcase(target.name, pattern) for target in targets)]
