"""Drafts of the files of a new migration: one for everything, or one for each concern."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core import filename
from dbwarden.core.change_text import change_lines
from dbwarden.core.dialect import Prefs
from dbwarden.core.plan import plan

from .changes import ReportedChange, reported_changes
from .comparison import CompareOptions, Comparison
from .proof import NOT_TRIED, Proof, ProofSubject, prove_migration, with_headers
from .workspace import Workspace

if TYPE_CHECKING:
    from .variant import Variant

Tried = tuple[Proof | None, Proof | None]
"""Proofs of the migration and of its variant."""


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A versioned file that ``make_migrations`` writes. ``path`` and ``version`` are ``None`` if nothing was written."""

    concern: str
    """What a file of a split migration is about: ``additions``, ``indexes``; empty if there is one file for everything."""
    path: Path | None
    version: str | None
    text: str
    changes: tuple[ReportedChange, ...]
    proof: Proof | None
    """Outcome of trying the file out; ``None`` with ``proof=False``."""
    variant_proof: Proof | None
    """Outcome for the variant for the dev database; ``None`` also without one."""
    edited: bool = False
    """Whether a person changed the generated text (``edit``)."""
    problems: tuple[str, ...] = ()
    """Failures of the edited file when it was tried out, as text."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One run of ``make_migrations``: its project and options."""

    workspace: Workspace
    options: CompareOptions
    proof: bool | None
    offline: bool


@dataclass(frozen=True, slots=True)
class ComparisonPart:
    """The part of a comparison that one file is for; ``concern`` is empty for the whole."""

    concern: str
    comparison: Comparison


def split_comparison(comparison: Comparison, options: CompareOptions) -> tuple[ComparisonPart, ...]:
    """The comparison in parts, one for each concern, in the order in which their files run."""
    from dbwarden.core.split import split  # deferred: few ask for it

    refs = comparison.repeatables.refs if comparison.repeatables is not None else frozenset()
    prefs = Prefs(options.online, comparison.fills, repeatables=refs)
    parts = split(comparison.pair, comparison.dialect, prefs) if comparison.plan.upgrade() else ()
    if len(parts) < 2:
        return (ComparisonPart("", comparison),)
    return tuple(
        ComparisonPart(
            part.concern.value,
            replace(
                comparison,
                pair=part.pair,
                plan=plan(part.pair, comparison.dialect, part.prefs),
                fills=part.prefs.fills,
            ),
        )
        for part in parts
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """Text of one file, with the outcome of trying it out; ``path`` is ``None`` until it is written."""

    part: ComparisonPart
    text: str
    tried: Tried
    losses: tuple[str, ...] = ()
    """Changes without an exact equivalent on the dev database's engine."""
    path: Path | None = None
    edited: bool = False
    problems: tuple[str, ...] = ()

    @property
    def version(self) -> str | None:
        return filename.parse_name(self.path.name).key if self.path is not None else None

    def with_headers(self) -> Draft:
        """The draft with the outcome in the header of its text."""
        rules = self.part.comparison.dialect.lexical_rules
        file = migration_file.parse("0001_new.sql", self.text, rules, dialects.LEXICAL_RULES)
        return replace(self, text=with_headers(file, self.proofs))

    @property
    def proofs(self) -> list[Proof]:
        return [proof for proof in self.tried if proof is not None] or [NOT_TRIED]

    def written_to(self, path: Path | None) -> Draft:
        """The draft as written to ``path``."""
        return replace(self, path=path)

    def generated_file(self) -> GeneratedFile:
        """The file as reports have it."""
        comparison = self.part.comparison
        both = comparison.pair
        lines = change_lines(both.current, both.desired, comparison.dialect, both.renames)
        changes = reported_changes(lines if self.part.concern else comparison.changes)
        return GeneratedFile(
            self.part.concern, self.path, self.version, self.text, changes, *self.tried, self.edited, self.problems
        )


def try_out_text(generation: Generation, comparison: Comparison, other: Variant | None, text: str) -> Tried:
    """Try out a file's text, and its variant if there is one."""
    workspace, asked = generation.workspace, generation.proof is True
    lexical_rules, changes = comparison.dialect.lexical_rules, tuple(step.change for step in comparison.plan.steps)
    ours = ProofSubject(
        comparison.dialect,
        comparison.pair,
        changes,
        len(comparison.plan.upgrade()),
        text,
        lexical_rules,
        bool(comparison.models.events),
    )
    proof = prove_migration(workspace, ours, asked=asked, reachable=not generation.offline)
    if other is None:
        return proof, None
    theirs = ProofSubject(other.dialect, other.pair, other.changes, len(other.upgrade), text, lexical_rules)
    return proof, with_engine_name(other.engine, prove_migration(workspace, theirs, asked=asked, reachable=False))


def with_engine_name(engine: str, proof: Proof) -> Proof:
    """``proof`` with the engine's name in its text, which that of a successful proof has already."""
    return proof if proof.proven else Proof(False, f"{engine}: {proof.text}")
