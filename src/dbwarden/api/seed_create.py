"""seed create: writes an empty seed, to be completed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.filename import Kind, is_seed, parse_name, repeatable_name, slug
from dbwarden.errors import UsageError
from dbwarden.runtime import directory

from .new import used_versions, version_name
from .workspace import Workspace, open_workspace

ENDINGS = {"sql": ".sql", "python": ".py"}
"""Types of seeds, and the endings of their files."""

_SQL = """\
-- {title}
--
-- Headers, each on a line of its own above the first section, without the asterisk:
-- * depends_on: ["0001", "0002"]    seeds that must be applied before
-- * transaction: off                run each statement on its own
-- * irreversible: reason            there is no way back

-- seed

-- upgrade


-- rollback

"""

_PYTHON = '''\
"""{title}"""

from sqlalchemy.orm import Session

# depends_on = ["0001"]        seeds that must be applied before
# transaction = "off"          the session commits by itself
# irreversible = "reason"      there is no way back


def upgrade(session: Session) -> None:
    """Add the rows; with `async def`, the session is an AsyncSession."""
    raise NotImplementedError


# def rollback(session: Session) -> None:
#     """Remove the rows."""
'''


@dataclass(frozen=True, slots=True)
class SeedCreateReport:
    """The file that was written."""

    database: str
    path: Path
    key: str
    kind: Kind
    notes: tuple[str, ...] = ()


def seed_create(
    name: str,
    database: str | None = None,
    *,
    type: str = "sql",
    on_change: bool = False,
    config: str | None = None,
) -> SeedCreateReport:
    """Write a seed with the description ``name`` for hand-written SQL or Python (``type``: ``sql`` or ``python``).

    It gets the next version after those in the folder and the history; with ``on_change`` it has none, and runs whenever it has
    changed. Raises ``UsageError``.
    """
    if type not in ENDINGS:
        raise UsageError(f"--type must be one of {', '.join(ENDINGS)}, not {type!r}")
    title = " ".join(name.split())
    text = (_SQL if type == "sql" else _PYTHON).format(title=title.replace("\\", "/").replace('"', "'"))
    return write_seed(open_workspace(config, database).of_seeds, name, ENDINGS[type], text, on_change=on_change)


def write_seed(workspace: Workspace, name: str, ending: str, text: str, *, on_change: bool = False) -> SeedCreateReport:
    """Write a new seed. Raises ``UsageError`` if a seed that runs on change has this name already."""
    slug(name)
    used, notes = ((), ()) if on_change else used_versions(workspace)

    def make_name(taken: Sequence[str]) -> str:
        if on_change:
            wanted = repeatable_name(Kind.RUNS_ON_CHANGE, name, ending)
            if parse_name(wanted).key in {parse_name(other).key for other in taken}:
                raise UsageError(f"The seed {parse_name(wanted).key} exists already; it was not changed")
            return wanted
        return version_name(name, taken, used, ending)

    path = directory.write_new(workspace.folder, make_name, text, is_seed)
    parsed = parse_name(path.name)
    return SeedCreateReport(workspace.label, path, parsed.key, parsed.kind, notes)
