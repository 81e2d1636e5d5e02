"""``--dev make-migrations`` and ``--dev diff`` with a dev database of another engine.

Such a database does not show what production looks like. So the models are compared with the state file, which has the
schema that the migration files lead to. The dev database only shows whether it still agrees with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dbwarden.core.dialect import Scope
from dbwarden.core.diff import diff
from dbwarden.core.overview import Overview, state
from dbwarden.core.plan import pair
from dbwarden.core.spelling import spell
from dbwarden.errors import LossyTranslation

from .comparison import CompareOptions, Comparison, compare
from .workspace import Workspace

if TYPE_CHECKING:
    from .variant import Interpretation, Variant


def uses_other_engine(workspace: Workspace) -> bool:
    """Whether the database in use is a dev database of another engine than files are written for."""
    return workspace.variant is not None


def compare_for(workspace: Workspace, options: CompareOptions, *, after_pending: bool = False) -> Comparison:
    """Compare as ``compare``; for a dev database of another engine with the state file, and with the dev database's history."""
    if not uses_other_engine(workspace) or options.offline:
        return compare(workspace, options, after_pending=after_pending)
    comparison = compare(workspace, replace(options, offline=True))
    overview, notes = _dev_database(workspace, comparison)
    return replace(comparison, overview=overview, notes=(*comparison.notes, *notes))


def variant_of(workspace: Workspace, comparison: Comparison, strict: bool) -> Variant | None:
    """Translate the migration for the engine of the dev database; ``None`` if that is the same or none is configured.

    With ``strict``, raises ``LossyTranslation`` if the models have no exact equivalent there.
    """
    speech = _interpretation(workspace, comparison)
    made = speech.variant(comparison.pair, comparison.fills) if speech is not None else None
    if strict and made is not None and made.losses:
        raise LossyTranslation.of(made.engine, made.losses)
    return made


def _interpretation(workspace: Workspace, comparison: Comparison) -> Interpretation | None:
    if workspace.database.dev_database_type in (None, comparison.dialect.name):
        return None
    from .variant import interpretation  # deferred: only for a dev database of another engine

    return interpretation(workspace, comparison.dialect, comparison.models.discovered.tables)


def _dev_database(workspace: Workspace, comparison: Comparison) -> tuple[Overview, Sequence[str]]:
    """History of the dev database, and a note if its tables are not those that the files lead to."""
    files, speech = workspace.files_if_any(), _interpretation(workspace, comparison)
    with workspace.connect(read_only=True) as conn:
        overview = state(files, workspace.records(conn, files))
        if speech is None or not files or overview.pending:
            return overview, ()
        there = workspace.dialect_for(conn).inspect(conn, Scope((None,)))
    expected = spell(speech.schema(comparison.pair.current)[0], there, speech.engine.features.caseless_names)
    both = pair(there, expected)
    changed = sorted({change.ref.table or change.ref.name for change in diff(both.current, both.desired)})
    if not changed:
        return overview, ()
    return overview, (
        f"The dev database is not what {workspace.state_name} says the migrations lead to: {', '.join(changed)}."
        " If a migration was taken away or written by hand, bring the state file along: from git, or with"
        " `dbwarden export-models` while models and migrations agree.",
    )
