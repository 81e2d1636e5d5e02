"""diff: how the models differ from the database, writing nothing."""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.renames import flag

from .changes import ReportedChange, rebuilt_tables, reported
from .comparison import CompareOptions, PlannedStep, planned
from .dev import compare_for, stands_in, variant_of
from .losses import DataLoss
from .other_objects import OtherProjectObjects
from .renaming import RenameCandidate
from .workspace import open_workspace


@dataclass(frozen=True)
class DiffReport:
    """The steps that would lead from the database to the models, and what was compared."""

    database: str
    dialect: str
    steps: tuple[PlannedStep, ...]
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    unowned: tuple[str, ...]
    pending: tuple[str, ...]
    """Files that wait to be applied: what they do still shows as a difference."""
    notes: tuple[str, ...]
    compared_with: str
    """Other side of the comparison: ``database``, or the state file."""
    renames: tuple[str, ...]
    """Renames, as flags."""
    data_losses: tuple[DataLoss, ...]
    """The data that the upgrade would destroy, with the number of rows."""
    columns_to_fill: tuple[str, ...]
    """Columns that become NOT NULL, with a marked place in the file where the rows get their values."""
    rename_candidates: tuple[RenameCandidate, ...]
    """Possible renames, shown as drops and adds because nobody confirmed them."""
    translation_losses: tuple[str, ...] = ()
    """Differences without an exact equivalent on the dev database's engine."""
    upgrade: tuple[str, ...] = ()
    """The statements of all steps in the order a file has them."""
    other_projects: tuple[OtherProjectObjects, ...] = ()
    """Objects of other projects in the same database: left alone."""
    changes: tuple[ReportedChange, ...] = ()
    """Differences in words; ``steps`` has their statements."""
    rebuilt_tables: tuple[str, ...] = ()
    """Tables that are rebuilt and filled, because ALTER TABLE cannot do what changes."""

    @property
    def empty(self) -> bool:
        """Whether models and database agree."""
        return not self.steps


def diff(
    database: str | None = None, *, options: CompareOptions | None = None, config: str | None = None
) -> DiffReport:
    """Compare the models of a database with the database, or offline with the state file; read-only.

    Raises what ``make_migrations`` raises, but for pending files, which are only named.
    """
    options = options or CompareOptions()
    workspace = open_workspace(config, database, dev=options.dev)
    comparison = compare_for(workspace, options)
    other = variant_of(workspace, comparison, options.strict_translation)
    stateful = options.offline or stands_in(workspace)
    return DiffReport(
        database=workspace.name,
        dialect=comparison.dialect.name,
        steps=planned(comparison.plan),
        changes=reported(comparison.changes),
        rebuilt_tables=rebuilt_tables(comparison),
        modules=comparison.models.modules,
        tables=comparison.tables,
        unowned=comparison.unowned,
        other_projects=comparison.others,
        pending=() if stateful else tuple(entry.name for entry in comparison.overview.pending),
        notes=(*comparison.notes, *map(str, comparison.collisions)),
        compared_with=workspace.state_name if stateful else "database",
        renames=tuple(map(flag, comparison.pair.renames)),
        data_losses=comparison.losses,
        columns_to_fill=comparison.unfilled,
        rename_candidates=comparison.candidates,
        translation_losses=tuple(str(loss) for loss in other.fresh) if other is not None else (),
        upgrade=comparison.plan.upgrade(),
    )
