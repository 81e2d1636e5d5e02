"""All errors that DBWarden raises on purpose.

The docstring of a class is its message, with the attributes of the error filled in. ``hint`` says what to do next, and
``exit_code`` is that of the command line (docs/reference/exit-codes.md).

    DBWardenError                 1
    ├── ConfigurationError        2   configuration, models, files, flags: nothing was touched
    ├── LockHeld                  3   another process migrates
    └── Refused                   5   possible, but unsafe

Adapters define no errors: a new one is a class in the module of its subject, and a name here.
The module is imported when a name of it is first used: most commands need few.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adoption import AlreadyAdopted as AlreadyAdopted
    from .adoption import NoOrigin as NoOrigin
    from .adoption import NoOriginHistory as NoOriginHistory
    from .adoption import NoOriginUrl as NoOriginUrl
    from .adoption import NothingToAdopt as NothingToAdopt
    from .adoption import OtherHistory as OtherHistory
    from .adoption import UnfinishedOrigin as UnfinishedOrigin
    from .adoption import UnreadableOrigin as UnreadableOrigin
    from .backup import ArchiveFailed as ArchiveFailed
    from .backup import BackupFailed as BackupFailed
    from .backup import NoBackup as NoBackup
    from .backup import NotEmpty as NotEmpty
    from .backup import RestoreFailed as RestoreFailed
    from .base import ConfigurationError as ConfigurationError
    from .base import DBWardenError as DBWardenError
    from .base import NeedsNewTable as NeedsNewTable
    from .base import Refused as Refused
    from .base import Unsupported as Unsupported
    from .base import UsageError as UsageError
    from .base import text_of as text_of
    from .configuration import DatabaseInMemory as DatabaseInMemory
    from .configuration import DuplicateDatabase as DuplicateDatabase
    from .configuration import DuplicateTarget as DuplicateTarget
    from .configuration import FailedConfiguration as FailedConfiguration
    from .configuration import InvalidName as InvalidName
    from .configuration import InvalidSetting as InvalidSetting
    from .configuration import InvalidUrl as InvalidUrl
    from .configuration import MissingConfiguration as MissingConfiguration
    from .configuration import MissingDriver as MissingDriver
    from .configuration import MissingPackage as MissingPackage
    from .configuration import MissingVariable as MissingVariable
    from .configuration import NoCluster as NoCluster
    from .configuration import NoConfiguration as NoConfiguration
    from .configuration import NoDatabase as NoDatabase
    from .configuration import NoDefault as NoDefault
    from .configuration import NoDevDatabase as NoDevDatabase
    from .configuration import OverlappingModels as OverlappingModels
    from .configuration import ServerMismatch as ServerMismatch
    from .configuration import TableClaimedTwice as TableClaimedTwice
    from .configuration import TwoConfigurations as TwoConfigurations
    from .configuration import TwoDefaults as TwoDefaults
    from .configuration import TypeMismatch as TypeMismatch
    from .configuration import UnknownCluster as UnknownCluster
    from .configuration import UnknownDatabase as UnknownDatabase
    from .configuration import UnknownNode as UnknownNode
    from .configuration import UnknownSetting as UnknownSetting
    from .configuration import UnreadableConfiguration as UnreadableConfiguration
    from .database import AmbiguousTable as AmbiguousTable
    from .database import ConnectionFailed as ConnectionFailed
    from .database import ConnectionLost as ConnectionLost
    from .database import DamagedRow as DamagedRow
    from .database import DatabaseBusy as DatabaseBusy
    from .database import DatabaseError as DatabaseError
    from .database import DatabaseReadOnly as DatabaseReadOnly
    from .database import Failure as Failure
    from .database import ForeignHistory as ForeignHistory
    from .database import HostsAway as HostsAway
    from .database import MutationFailed as MutationFailed
    from .database import NewerHistory as NewerHistory
    from .database import PartlyExecuted as PartlyExecuted
    from .database import PermissionDenied as PermissionDenied
    from .database import StatementCancelled as StatementCancelled
    from .database import TableNeedsRebuild as TableNeedsRebuild
    from .files import DependencyCycle as DependencyCycle
    from .files import DependencyMissing as DependencyMissing
    from .files import DuplicateVersion as DuplicateVersion
    from .files import EditedMigration as EditedMigration
    from .files import EmptyMigration as EmptyMigration
    from .files import FileExists as FileExists
    from .files import FileFormatError as FileFormatError
    from .files import FileNameError as FileNameError
    from .files import FolderError as FolderError
    from .files import GitFailed as GitFailed
    from .files import ImplicitCommit as ImplicitCommit
    from .files import MissingMigrations as MissingMigrations
    from .files import MissingSeeds as MissingSeeds
    from .files import NumberInUse as NumberInUse
    from .files import NumberUndecided as NumberUndecided
    from .files import SessionNeeded as SessionNeeded
    from .files import SqlTextError as SqlTextError
    from .files import StateMergeConflict as StateMergeConflict
    from .files import TransactionControl as TransactionControl
    from .files import UnknownVersion as UnknownVersion
    from .files import VanishedMigration as VanishedMigration
    from .fleet import EmptyFleet as EmptyFleet
    from .fleet import InvalidTargets as InvalidTargets
    from .fleet import MissingSchema as MissingSchema
    from .fleet import NeedsTarget as NeedsTarget
    from .fleet import NotAFleet as NotAFleet
    from .fleet import QualifiedNames as QualifiedNames
    from .fleet import UnknownTarget as UnknownTarget
    from .generation import BlockingDependents as BlockingDependents
    from .generation import EditFailed as EditFailed
    from .generation import LossyTranslation as LossyTranslation
    from .generation import NameTaken as NameTaken
    from .generation import NoScratch as NoScratch
    from .generation import PendingMigrations as PendingMigrations
    from .generation import ProofFailed as ProofFailed
    from .generation import SandboxNotEmpty as SandboxNotEmpty
    from .generation import UnknownOwner as UnknownOwner
    from .lock import LockHeld as LockHeld
    from .lock import LockLost as LockLost
    from .lock import LockUnavailable as LockUnavailable
    from .models import ModelConflict as ModelConflict
    from .models import ModelImportError as ModelImportError
    from .models import ModelPathError as ModelPathError
    from .models import ModelReadError as ModelReadError
    from .models import ModelsExist as ModelsExist
    from .models import NoModels as NoModels
    from .models import NothingToGenerate as NothingToGenerate
    from .models import UnknownModelTable as UnknownModelTable
    from .review import CommentFailed as CommentFailed
    from .review import NoReview as NoReview
    from .rollback import BaselinedRollback as BaselinedRollback
    from .rollback import DependentApplied as DependentApplied
    from .rollback import Irreversible as Irreversible
    from .rollback import MissingRollback as MissingRollback
    from .rollback import NoRollbackMade as NoRollbackMade
    from .rollback import NothingToRollBack as NothingToRollBack
    from .rollback import RollbackExists as RollbackExists
    from .rollback import UnsafeRollback as UnsafeRollback
    from .runners import MissingRunner as MissingRunner
    from .runners import RunnerFailed as RunnerFailed
    from .runners import RunnerRefused as RunnerRefused
    from .runners import RunnerUnfinished as RunnerUnfinished
    from .runners import UnknownRunner as UnknownRunner
    from .running import IncompleteRun as IncompleteRun
    from .running import Interrupted as Interrupted
    from .running import MigrationFailed as MigrationFailed
    from .running import SchemaNotCurrent as SchemaNotCurrent
    from .running import StatementInDoubt as StatementInDoubt
    from .running import Terminated as Terminated
    from .running import UnfinishedMigration as UnfinishedMigration
    from .running import UnfinishedRollback as UnfinishedRollback
    from .running import UnfinishedUpgrade as UnfinishedUpgrade
    from .running import UnmetDemands as UnmetDemands
    from .running import UnsafeMigration as UnsafeMigration
    from .seeds import DependentSeed as DependentSeed
    from .seeds import DuplicateSeed as DuplicateSeed
    from .seeds import EditedSeed as EditedSeed
    from .seeds import EmptySeed as EmptySeed
    from .seeds import NoSeedApplied as NoSeedApplied
    from .seeds import SeedDependency as SeedDependency
    from .seeds import SeedWithoutRollback as SeedWithoutRollback
    from .seeds import UnfinishedSeed as UnfinishedSeed
    from .seeds import UnfinishedSeedRollback as UnfinishedSeedRollback
    from .seeds import UnkeyedTable as UnkeyedTable
    from .seeds import UnknownSeed as UnknownSeed
    from .seeds import UnknownTable as UnknownTable
    from .seeds import UnsafeSeed as UnsafeSeed
    from .seeds import UnsafeSeedRollback as UnsafeSeedRollback
    from .seeds import VanishedSeed as VanishedSeed
    from .seeds import errors_of_seeds as errors_of_seeds
    from .seeds import seed_refusal as seed_refusal
    from .state_file import DamagedState as DamagedState
    from .state_file import MissingState as MissingState
    from .state_file import NewerState as NewerState
    from .state_file import StateConflict as StateConflict
    from .state_file import StateDialect as StateDialect

_PLACES = {
    "adoption": (
        "AlreadyAdopted",
        "NoOrigin",
        "NoOriginHistory",
        "NoOriginUrl",
        "NothingToAdopt",
        "OtherHistory",
        "UnfinishedOrigin",
        "UnreadableOrigin",
    ),
    "backup": (
        "ArchiveFailed",
        "BackupFailed",
        "NoBackup",
        "NotEmpty",
        "RestoreFailed",
    ),
    "base": (
        "ConfigurationError",
        "DBWardenError",
        "NeedsNewTable",
        "Refused",
        "Unsupported",
        "UsageError",
        "text_of",
    ),
    "configuration": (
        "DatabaseInMemory",
        "DuplicateDatabase",
        "DuplicateTarget",
        "FailedConfiguration",
        "InvalidName",
        "InvalidSetting",
        "InvalidUrl",
        "MissingConfiguration",
        "MissingDriver",
        "MissingPackage",
        "MissingVariable",
        "NoConfiguration",
        "NoCluster",
        "NoDatabase",
        "NoDefault",
        "NoDevDatabase",
        "OverlappingModels",
        "ServerMismatch",
        "TableClaimedTwice",
        "TwoConfigurations",
        "TwoDefaults",
        "TypeMismatch",
        "UnknownCluster",
        "UnknownDatabase",
        "UnknownNode",
        "UnknownSetting",
        "UnreadableConfiguration",
    ),
    "database": (
        "AmbiguousTable",
        "ConnectionFailed",
        "ConnectionLost",
        "DamagedRow",
        "DatabaseBusy",
        "DatabaseError",
        "DatabaseReadOnly",
        "Failure",
        "ForeignHistory",
        "HostsAway",
        "MutationFailed",
        "NewerHistory",
        "PartlyExecuted",
        "PermissionDenied",
        "StatementCancelled",
        "TableNeedsRebuild",
    ),
    "files": (
        "DependencyCycle",
        "DependencyMissing",
        "DuplicateVersion",
        "NumberInUse",
        "NumberUndecided",
        "StateMergeConflict",
        "EditedMigration",
        "EmptyMigration",
        "FileExists",
        "FileFormatError",
        "FileNameError",
        "FolderError",
        "GitFailed",
        "ImplicitCommit",
        "MissingMigrations",
        "MissingSeeds",
        "SessionNeeded",
        "SqlTextError",
        "TransactionControl",
        "UnknownVersion",
        "VanishedMigration",
    ),
    "fleet": (
        "EmptyFleet",
        "InvalidTargets",
        "MissingSchema",
        "NeedsTarget",
        "NotAFleet",
        "QualifiedNames",
        "UnknownTarget",
    ),
    "generation": (
        "BlockingDependents",
        "EditFailed",
        "LossyTranslation",
        "NameTaken",
        "NoScratch",
        "PendingMigrations",
        "ProofFailed",
        "SandboxNotEmpty",
        "UnknownOwner",
    ),
    "lock": (
        "LockHeld",
        "LockLost",
        "LockUnavailable",
    ),
    "models": (
        "ModelConflict",
        "ModelImportError",
        "ModelPathError",
        "ModelReadError",
        "ModelsExist",
        "NoModels",
        "NothingToGenerate",
        "UnknownModelTable",
    ),
    "review": ("CommentFailed", "NoReview"),
    "rollback": (
        "BaselinedRollback",
        "DependentApplied",
        "Irreversible",
        "MissingRollback",
        "NoRollbackMade",
        "NothingToRollBack",
        "RollbackExists",
        "UnsafeRollback",
    ),
    "runners": (
        "MissingRunner",
        "RunnerFailed",
        "RunnerRefused",
        "RunnerUnfinished",
        "UnknownRunner",
    ),
    "running": (
        "IncompleteRun",
        "Interrupted",
        "MigrationFailed",
        "SchemaNotCurrent",
        "StatementInDoubt",
        "Terminated",
        "UnfinishedMigration",
        "UnfinishedRollback",
        "UnfinishedUpgrade",
        "UnmetDemands",
        "UnsafeMigration",
    ),
    "seeds": (
        "DependentSeed",
        "DuplicateSeed",
        "EditedSeed",
        "EmptySeed",
        "NoSeedApplied",
        "SeedDependency",
        "SeedWithoutRollback",
        "UnfinishedSeed",
        "UnfinishedSeedRollback",
        "UnkeyedTable",
        "UnknownSeed",
        "UnknownTable",
        "UnsafeSeed",
        "UnsafeSeedRollback",
        "VanishedSeed",
        "errors_of_seeds",
        "seed_refusal",
    ),
    "state_file": (
        "DamagedState",
        "MissingState",
        "NewerState",
        "StateConflict",
        "StateDialect",
    ),
}
_HOMES = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
