"""diff: shows how the models differ from the database; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.renames import flag

from .changes import ReportedChange, rebuilt_tables, reported_changes
from .comparison import CompareOptions, PlannedStep, planned_steps
from .dev import compare_for, uses_other_engine, variant_of
from .host_drift import HostDrift, host_drift
from .losses import DataLoss
from .other_objects import OtherProjectObjects
from .renaming import RenameCandidate
from .workspace import Workspace, open_workspace


@dataclass(frozen=True)
class DiffReport:
    """Steps that would lead from the database to the models, and what was compared."""

    database: str
    dialect: str
    steps: tuple[PlannedStep, ...]
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    unowned: tuple[str, ...]
    pending: tuple[str, ...]
    """Pending files, whose effects are part of the difference."""
    notes: tuple[str, ...]
    compared_with: str
    """What the models were compared with: ``database``, or the path of the state file."""
    renames: tuple[str, ...]
    """Renames, as flags."""
    data_losses: tuple[DataLoss, ...]
    """Data that the upgrade would destroy, with the number of rows."""
    columns_to_fill: tuple[str, ...]
    """Columns that become NOT NULL and for whose values a file would have a marked place."""
    rename_candidates: tuple[RenameCandidate, ...]
    """Possible renames, shown as drops and adds because nobody confirmed them."""
    translation_losses: tuple[str, ...] = ()
    """Differences without an exact equivalent on the dev database's engine."""
    upgrade: tuple[str, ...] = ()
    """Statements of all steps, in the order of a file."""
    other_projects: tuple[OtherProjectObjects, ...] = ()
    """Objects of other projects in the same database, which are never changed."""
    changes: tuple[ReportedChange, ...] = ()
    """Differences as text; ``steps`` has their statements."""
    rebuilt_tables: tuple[str, ...] = ()
    """Tables that are rebuilt, because ALTER TABLE cannot make the change."""

    host_drift: HostDrift | None = None
    """Differences between the hosts of the cluster; ``None`` without one."""

    @property
    def clean(self) -> bool:
        """Whether models and database agree, and the hosts of the cluster with one another."""
        return self.empty and not (self.host_drift and self.host_drift.differences)

    @property
    def empty(self) -> bool:
        """Whether models and database agree."""
        return not self.steps


def diff(
    database: str | None = None, *, options: CompareOptions | None = None, config: str | None = None
) -> DiffReport:
    """Compare the models with the database, or offline with the state file; read-only.

    Raises as ``make_migrations``, except for pending files, which are only listed.
    """
    options = options or CompareOptions()
    return diff_workspace(open_workspace(config, database, dev=options.dev), options)


def diff_workspace(workspace: Workspace, options: CompareOptions) -> DiffReport:
    """Compare the models with the database of an open workspace. Raises as ``diff``."""
    comparison = compare_for(workspace, options)
    other = variant_of(workspace, comparison, options.strict_translation)
    stateful = options.offline or uses_other_engine(workspace)
    return DiffReport(
        database=workspace.label,
        dialect=comparison.dialect.name,
        steps=planned_steps(comparison.plan),
        changes=reported_changes(comparison.changes),
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
        host_drift=host_drift(workspace) if not stateful else None,
    )
