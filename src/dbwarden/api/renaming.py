"""Which drops and adds are renames: decided by flags, by whoever is asked, and never by a guess."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from dbwarden.core import kinds, renames
from dbwarden.core.change import Rename, after_renames
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import Schema
from dbwarden.core.spelling import spell
from dbwarden.core.types import Ref


@dataclass(frozen=True, slots=True)
class RenameCandidate:
    """A drop and an add that may be one thing under a new name."""

    what: str
    """``column users.email``: the old one."""
    new: str
    """Its new name."""
    score: float
    """How alike they are, up to 1."""
    evidence: tuple[str, ...]
    flag: str
    """What to type to say that it is a rename."""


Ask = Callable[[RenameCandidate], bool]
"""Asks somebody whether this is a rename."""


@dataclass(frozen=True)
class Renaming:
    """What was decided, in the order to apply it, and what nobody decided: drops and adds."""

    decided: tuple[Rename, ...] = ()
    candidates: tuple[RenameCandidate, ...] = ()
    denied: frozenset[Ref] = frozenset()
    """What somebody was asked about and did not rename."""


@dataclass(frozen=True)
class RenameFlags:
    """What was said beforehand: ``old:new`` for tables, ``table.old:new`` for what is in them; and who may be asked."""

    tables: Sequence[str] = ()
    parts: Sequence[str] = ()
    ask: Ask | None = None


def decide(
    before: Schema, after: Schema, dialect: SchemaDialect, flags: RenameFlags, attributes: Mapping[Ref, str]
) -> Renaming:
    """The renames between two canonical, whole schemas.

    Constraints and indexes hold no data: one of the same definition is renamed without a question where the engine can.
    Raises ``UsageError`` for a flag that leads from what did not go, or to what did not come.
    """
    able, caseless = dialect.features.renames, dialect.features.caseless_names
    said = _said(before, after, flags, caseless)
    after = spell(after, after_renames(before, said), caseless)
    undecided: list[RenameCandidate] = []
    denied: set[Ref] = set()

    def accept(candidate: renames.Candidate) -> bool:
        kind = candidate.rename.old.kind
        if kind not in able or kind not in kinds.HOLDING_DATA:
            return kind in able
        shown = _shown(candidate)
        if flags.ask is not None:
            accepted = flags.ask(shown)
            denied.update(() if accepted else (candidate.rename.old,))
            return accepted
        undecided.append(shown)
        return False

    chosen = renames.choose(before, after, accept, said, renames.Hints(dialect.types, attributes))
    # What the engine cannot rename is dropped and added, with the same result: only rows would have been a loss.
    return Renaming(tuple(one for one in chosen if one.old.kind in able), tuple(undecided), frozenset(denied))


def _said(before: Schema, after: Schema, flags: RenameFlags, caseless: Collection[str]) -> tuple[Rename, ...]:
    found = [renames.parse_table_flag(text, before, after, caseless) for text in dict.fromkeys(flags.tables)]
    for text in dict.fromkeys(flags.parts):
        found.append(renames.parse_flag(text, before, after, found, caseless))
    return tuple(found)


def _shown(candidate: renames.Candidate) -> RenameCandidate:
    rename = candidate.rename
    return RenameCandidate(
        what=str(rename.old),
        new=rename.new.name if not rename.moves else str(rename.new).partition(" ")[2],
        score=candidate.score,
        evidence=candidate.evidence,
        flag=renames.flag(rename),
    )
