"""Renames among drops and adds, decided by flags or a person and never guessed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from dbwarden.core import kinds, renames
from dbwarden.core.change import Rename, after_renames
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import Schema
from dbwarden.core.spelling import spell
from dbwarden.core.types import Ref
from dbwarden.errors import UsageError


@dataclass(frozen=True, slots=True)
class RenameCandidate:
    """A drop and an add that may be a rename."""

    object: str
    """Object under its old name: ``column users.email``."""
    new_name: str
    """Its new name."""
    score: float
    """Similarity from 0 to 1."""
    evidence: tuple[str, ...]
    keeps: str
    """What a rename keeps and a drop loses: ``data``, ``privileges`` (and what depends on it), ``contents`` of a schema."""
    flag: str
    """Flag that confirms the rename."""


Ask = Callable[[RenameCandidate], bool]
"""Asks a person whether this is a rename."""


@dataclass(frozen=True)
class Renaming:
    """Renames in the order to apply them, and undecided candidates, which are dropped and added."""

    decided: tuple[Rename, ...] = ()
    candidates: tuple[RenameCandidate, ...] = ()
    denied: frozenset[Ref] = frozenset()
    """Old names of candidates that a person declined."""


@dataclass(frozen=True)
class RenameFlags:
    """Renames from the command line (tables ``old:new``, parts ``table.old:new``); ``ask`` decides about the others."""

    tables: Sequence[str] = ()
    parts: Sequence[str] = ()
    ask: Ask | None = None


def decide(
    before: Schema,
    after: Schema,
    dialect: SchemaDialect,
    flags: RenameFlags,
    attributes: Mapping[Ref, str],
    history_schema: str | None = None,
    repeatable: Collection[Ref] = (),
) -> Renaming:
    """Decide the renames between two whole, canonical schemas; ``history_schema`` has DBWarden's own tables and keeps its name,
    and what repeatable files create is created anew.

    Constraints and indexes have no data: one with the same definition is renamed without a question, if the engine can.
    Raises ``UsageError`` for a flag whose old name still exists or whose new name is not new.
    """
    able, caseless = dialect.features.renames, dialect.features.caseless_names
    flagged = _flagged_renames(before, after, flags, caseless)
    if Ref("namespace", history_schema or "") in {rename.old for rename in flagged}:
        raise UsageError(
            f"the schema {history_schema} cannot be renamed by a migration: it has DBWarden's own tables (history_schema)",
            hint="Rename it by hand, and change history_schema at the same time.",
        )
    fixed = next((rename.old for rename in flagged if rename.old in repeatable), None)
    if fixed is not None:
        raise UsageError(
            f"{fixed} lives in a repeatable file: no version can rename it",
            hint="Without the flag, it is dropped, and a repeatable file creates it under its new name.",
        )
    after = spell(after, after_renames(before, flagged), caseless)
    undecided: list[RenameCandidate] = []
    denied: set[Ref] = set()

    decided_tables = list(flagged)
    schemas: list[Rename] = []
    """Undecided candidates."""

    def accept(candidate: renames.Candidate) -> bool:
        kind = candidate.rename.old.kind
        if candidate.rename.old in repeatable:
            return False
        if kind not in able or not kinds.of(kind).asked_about or _follows_table(candidate.rename, decided_tables):
            decided_tables.extend([candidate.rename] if kind in able else ())
            return kind in able
        if kind == "namespace" and candidate.rename.old.name == history_schema:
            return False
        if any(_is_within(candidate.rename, schema) for schema in schemas):
            return False  # the decision about the schema is one about all that is in it
        schemas.extend([candidate.rename] if kind == "namespace" and flags.ask is None else ())
        shown = _rename_candidate(candidate)
        if flags.ask is not None:
            accepted = flags.ask(shown)
            denied.update(() if accepted else (candidate.rename.old,))
            decided_tables.extend([candidate.rename] if accepted else ())
            return accepted
        undecided.append(shown)
        return False

    hints = renames.Hints(dialect.types, attributes, dialect.lexical_rules, dialect.server.default_schema)
    decided = renames.choose_renames(before, after, accept, flagged, hints)
    # Kinds that the engine cannot rename have no rows: dropping and adding them has the same result.
    return Renaming(tuple(rename for rename in decided if rename.old.kind in able), tuple(undecided), frozenset(denied))


def _is_within(rename: Rename, schema: Rename) -> bool:
    return (rename.old.schema, rename.new.schema) == (schema.old.name, schema.new.name)


def _follows_table(rename: Rename, decided: Collection[Rename]) -> bool:
    """Whether a sequence of the same definition was called after a table and is called after its new name."""
    if rename.old.kind != "sequence":
        return False
    names = ((table.old.name, table.new.name) for table in decided if table.old.kind == "table")
    return any(
        rename.old.name.startswith(f"{old}_") and rename.new.name == f"{new}{rename.old.name.removeprefix(old)}"
        for old, new in names
    )


def _flagged_renames(
    before: Schema, after: Schema, flags: RenameFlags, caseless: Collection[str]
) -> tuple[Rename, ...]:
    flagged = [renames.parse_table_flag(text, before, after, caseless) for text in dict.fromkeys(flags.tables)]
    for text in dict.fromkeys(flags.parts):
        flagged.append(renames.parse_flag(text, before, after, flagged, caseless))
    return tuple(flagged)


def _keeps(kind: str) -> str:
    if kinds.of(kind).holds_data:
        return "data"
    return "contents" if kind == "namespace" else "privileges"


def _rename_candidate(candidate: renames.Candidate) -> RenameCandidate:
    rename = candidate.rename
    return RenameCandidate(
        object=str(rename.old),
        new_name=rename.new.name if not rename.moves else str(rename.new).partition(" ")[2],
        score=candidate.score,
        evidence=candidate.evidence,
        flag=renames.flag(rename),
        keeps=_keeps(rename.old.kind),
    )
