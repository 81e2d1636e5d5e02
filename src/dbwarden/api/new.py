"""new: writes an empty migration file, to be completed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.filename import Kind, file_name, parse_name, repeatable_name, slug
from dbwarden.core.own_tables import UNCLAIMED
from dbwarden.errors import DatabaseError, NeedsTarget, UsageError
from dbwarden.runtime import directory

from .workspace import Workspace, open_workspace

TYPES = {"versioned": Kind.VERSIONED, "ra": Kind.RUNS_ALWAYS, "roc": Kind.RUNS_ON_CHANGE}

_TEMPLATE = """\
-- {title}
--
-- Headers, each on a line of its own above the first section, without the asterisk:
-- * depends_on: ["0001", "0002"]    versions that must be applied before
-- * seed                            the file holds seed data
-- * transaction: off                run each statement on its own
-- * irreversible: reason            there is no way back

-- upgrade


-- rollback

"""


@dataclass(frozen=True, slots=True)
class NewReport:
    """The file that was written."""

    database: str
    path: Path
    key: str
    kind: Kind
    notes: tuple[str, ...]


def new(
    name: str,
    database: str | None = None,
    *,
    type: str = "versioned",
    version: str | None = None,
    config: str | None = None,
) -> NewReport:
    """Write an empty, valid migration file with the description ``name``.

    ``type`` is ``versioned``, ``ra`` (runs always) or ``roc`` (runs on change). The version is ``version``, which must be
    free, else the next one after those in the folder and the history. As long as the rollback section is empty and the file
    is not marked irreversible, a rollback is refused. Raises ``UsageError``.
    """
    kind = _kind(type, version)
    slug(name)
    workspace = open_workspace(config, database)
    used, notes = used_versions(workspace) if kind is Kind.VERSIONED and version is None else ((), ())

    def make_name(taken: Sequence[str]) -> str:
        if kind is not Kind.VERSIONED:
            return _free(repeatable_name(kind, name), taken)
        return version_name(name, taken, used) if version is None else _free_version(version, name, taken)

    path = directory.write_new(workspace.folder, make_name, _TEMPLATE.format(title=" ".join(name.split())))
    return NewReport(workspace.label, path, parse_name(path.name).key, kind, notes)


def version_name(words: str, taken: Iterable[str], used: Iterable[int] = (), ending: str = ".sql") -> str:
    """File name with the next version after the files ``taken`` and the versions ``used``."""
    versions = [parsed.version for parsed in map(parse_name, taken) if parsed.version is not None]
    return file_name(max((*versions, *used), default=0) + 1, words, ending)


def _kind(type: str, version: str | None) -> Kind:
    if type not in TYPES:
        raise UsageError(f"--type must be one of {', '.join(TYPES)}, not {type!r}")
    if version is None:
        return TYPES[type]
    if type != "versioned":
        raise UsageError(f"--version goes with --type versioned, not with {type}: a repeatable file has no version")
    if not (version.isascii() and version.isdecimal()):
        raise UsageError(f"--version must be a number such as 0012, not {version!r}")
    return TYPES[type]


def used_versions(workspace: Workspace) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Versions in the history, and a note if it could not be read.

    A new file must not have the version of one that was applied from another checkout: it would count as edited.
    """
    try:
        with workspace.connect(read_only=True) as conn:
            records = workspace.history(conn).read(rollback_sql=False)
    except (DatabaseError, NeedsTarget) as error:
        return (), (f"The version was chosen from the folder alone, the history could not be read: {error}",)
    ours = (record for record in records if record.database_name in (workspace.name, UNCLAIMED))
    return tuple(int(record.key) for record in ours if record.kind is Kind.VERSIONED), ()


def _free(wanted: str, taken: Sequence[str]) -> str:
    if wanted in taken:
        raise UsageError(f"{wanted} exists already; it was not changed")
    return wanted


def _free_version(version: str, words: str, taken: Sequence[str]) -> str:
    twice = [name for name in taken if parse_name(name).version == int(version)]
    if twice:
        raise UsageError(f"Version {version} is taken by {', '.join(twice)}", hint="Choose another --version, or none.")
    return file_name(version, words)
