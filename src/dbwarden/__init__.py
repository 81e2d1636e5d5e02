"""DBWarden: SQLAlchemy models -> one reviewed SQL file -> applied safely, rolled back, explained.

Everything the command line does is a function here that returns a report and prints nothing. The functions are
synchronous: they may be called from any thread, and inside a running event loop (better: in a thread of it).
Names are imported when they are first used, so that importing ``dbwarden`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.adopt import AdoptOptions as AdoptOptions
    from .api.adopt import AdoptReport as AdoptReport
    from .api.adopt import adopt as adopt
    from .api.check import CheckReport as CheckReport
    from .api.check import check as check
    from .api.check_db import CheckDbReport as CheckDbReport
    from .api.check_db import check_db as check_db
    from .api.check_impact import ImpactReport as ImpactReport
    from .api.check_impact import check_impact as check_impact
    from .api.comment import CommentReport as CommentReport
    from .api.comment import comment as comment
    from .api.comparison import CompareOptions as CompareOptions
    from .api.configuration import ConfigurationReport as ConfigurationReport
    from .api.configuration import SettingsReport as SettingsReport
    from .api.configuration import configuration as configuration
    from .api.configuration import database_list as database_list
    from .api.configuration import settings_show as settings_show
    from .api.dev_engine import use_dev_database as use_dev_database
    from .api.diagram import DiagramReport as DiagramReport
    from .api.diagram import diagram as diagram
    from .api.diff import DiffReport as DiffReport
    from .api.diff import diff as diff
    from .api.doctor import DoctorReport as DoctorReport
    from .api.doctor import doctor as doctor
    from .api.dropping import DropCandidate as DropCandidate
    from .api.dropping import DropFlags as DropFlags
    from .api.explain import ExplainReport as ExplainReport
    from .api.explain import explain as explain
    from .api.export_models import ExportReport as ExportReport
    from .api.export_models import export_models as export_models
    from .api.filling import FillCandidate as FillCandidate
    from .api.filling import FillFlags as FillFlags
    from .api.fleet import FleetReport as FleetReport
    from .api.fleet import diff_fleet as diff_fleet
    from .api.fleet import fleet_status as fleet_status
    from .api.fleet import migrate_fleet as migrate_fleet
    from .api.fleet import rollback_fleet as rollback_fleet
    from .api.fleet import unlock_fleet as unlock_fleet
    from .api.fleet_run import FleetOptions as FleetOptions
    from .api.fleet_targets import fleet_targets as fleet_targets
    from .api.generate_models import GenerateOptions as GenerateOptions
    from .api.generate_models import GenerateReport as GenerateReport
    from .api.generate_models import generate_models as generate_models
    from .api.history import HistoryReport as HistoryReport
    from .api.history import history as history
    from .api.html_report import HtmlReport as HtmlReport
    from .api.html_report import html_report as html_report
    from .api.init import InitReport as InitReport
    from .api.init import init as init
    from .api.lock import LockReport as LockReport
    from .api.lock import UnlockReport as UnlockReport
    from .api.lock import lock_status as lock_status
    from .api.lock import unlock as unlock
    from .api.make_migrations import GenerationReport as GenerationReport
    from .api.make_migrations import make_migrations as make_migrations
    from .api.make_rollback import MakeRollbackReport as MakeRollbackReport
    from .api.make_rollback import make_rollback as make_rollback
    from .api.merge_state import MergeStateReport as MergeStateReport
    from .api.merge_state import merge_state as merge_state
    from .api.migrate import MigrateOptions as MigrateOptions
    from .api.migrate import MigrateReport as MigrateReport
    from .api.migrate import migrate as migrate
    from .api.new import NewReport as NewReport
    from .api.new import new as new
    from .api.prove import ProveReport as ProveReport
    from .api.prove import prove as prove
    from .api.renaming import RenameCandidate as RenameCandidate
    from .api.renaming import RenameFlags as RenameFlags
    from .api.renumber import RenumberReport as RenumberReport
    from .api.renumber import renumber as renumber
    from .api.report import to_json as to_json
    from .api.restore import RestoreReport as RestoreReport
    from .api.restore import restore as restore
    from .api.rollback import RollbackOptions as RollbackOptions
    from .api.rollback import RollbackReport as RollbackReport
    from .api.rollback import downgrade as downgrade
    from .api.rollback import rollback as rollback
    from .api.seed_create import SeedCreateReport as SeedCreateReport
    from .api.seed_create import seed_create as seed_create
    from .api.seed_export import SeedExportOptions as SeedExportOptions
    from .api.seed_export import SeedExportReport as SeedExportReport
    from .api.seed_export import seed_export as seed_export
    from .api.seed_list import SeedListReport as SeedListReport
    from .api.seed_list import seed_list as seed_list
    from .api.seed_rollback import SeedRollbackReport as SeedRollbackReport
    from .api.seed_rollback import seed_rollback as seed_rollback
    from .api.seeds import SeedOptions as SeedOptions
    from .api.seeds import SeedReport as SeedReport
    from .api.seeds import seed_apply as seed_apply
    from .api.snapshot import SnapshotReport as SnapshotReport
    from .api.snapshot import snapshot as snapshot
    from .api.status import StatusReport as StatusReport
    from .api.status import status as status
    from .api.version import VersionReport as VersionReport
    from .api.version import version as version
    from .config import DatabaseHandle as DatabaseHandle
    from .config import database_config as database_config
    from .errors import DBWardenError as DBWardenError

_PLACES = {
    "api.adopt": ("adopt", "AdoptOptions", "AdoptReport"),
    "api.check": ("check", "CheckReport"),
    "api.check_db": ("check_db", "CheckDbReport"),
    "api.check_impact": ("check_impact", "ImpactReport"),
    "api.comment": ("comment", "CommentReport"),
    "api.comparison": ("CompareOptions",),
    "api.configuration": ("configuration", "database_list", "settings_show", "ConfigurationReport", "SettingsReport"),
    "api.dev_engine": ("use_dev_database",),
    "api.diagram": ("diagram", "DiagramReport"),
    "api.diff": ("diff", "DiffReport"),
    "api.doctor": ("doctor", "DoctorReport"),
    "api.dropping": ("DropCandidate", "DropFlags"),
    "api.explain": ("explain", "ExplainReport"),
    "api.export_models": ("export_models", "ExportReport"),
    "api.filling": ("FillCandidate", "FillFlags"),
    "api.fleet": ("migrate_fleet", "rollback_fleet", "fleet_status", "diff_fleet", "unlock_fleet", "FleetReport"),
    "api.fleet_run": ("FleetOptions",),
    "api.fleet_targets": ("fleet_targets",),
    "api.generate_models": ("generate_models", "GenerateOptions", "GenerateReport"),
    "api.history": ("history", "HistoryReport"),
    "api.html_report": ("html_report", "HtmlReport"),
    "api.init": ("init", "InitReport"),
    "api.lock": ("lock_status", "unlock", "LockReport", "UnlockReport"),
    "api.make_migrations": ("make_migrations", "GenerationReport"),
    "api.make_rollback": ("make_rollback", "MakeRollbackReport"),
    "api.merge_state": ("merge_state", "MergeStateReport"),
    "api.migrate": ("migrate", "MigrateOptions", "MigrateReport"),
    "api.new": ("new", "NewReport"),
    "api.prove": ("prove", "ProveReport"),
    "api.renaming": ("RenameCandidate", "RenameFlags"),
    "api.renumber": ("renumber", "RenumberReport"),
    "api.report": ("to_json",),
    "api.restore": ("restore", "RestoreReport"),
    "api.rollback": ("rollback", "downgrade", "RollbackOptions", "RollbackReport"),
    "api.seed_create": ("seed_create", "SeedCreateReport"),
    "api.seed_export": ("seed_export", "SeedExportOptions", "SeedExportReport"),
    "api.seed_list": ("seed_list", "SeedListReport"),
    "api.seed_rollback": ("seed_rollback", "SeedRollbackReport"),
    "api.seeds": ("seed_apply", "SeedOptions", "SeedReport"),
    "api.snapshot": ("snapshot", "SnapshotReport"),
    "api.status": ("status", "StatusReport"),
    "api.version": ("version", "VersionReport"),
    "config": ("database_config", "DatabaseHandle"),
    "errors": ("DBWardenError",),
}
_HOMES = {name: module for module, names in _PLACES.items() for name in names}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from .api.version import installed

        value: Any = installed("dbwarden") or "0"
    elif name in _HOMES:
        value = getattr(import_module(f"dbwarden.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'dbwarden' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
