"""yoyo-migrations: yoyo.ini, the migration files and the table _yoyo_migration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from dbwarden.errors import NoOrigin

from .environment import is_url
from .project import Address, History, OriginProject, OriginState, Row
from .text import ini_value, read_ini

_TOOL = "yoyo"
_FILE = "yoyo.ini"


def read(root: Path, environ: Mapping[str, str]) -> OriginProject:
    """Read ``yoyo.ini`` and the names of the migrations in ``root``."""
    path = root / _FILE
    if not path.is_file():
        raise NoOrigin(tool=_TOOL, folder=str(root), looked_for=f"{_FILE} is missing")
    # As in yoyo, %(NAME)s is a variable of the environment, and %(here)s the folder of the file.
    parser = read_ini(path, root, {**environ, "here": str(root)})
    url = ini_value(parser, "DEFAULT", "database", _FILE)
    table = ini_value(parser, "DEFAULT", "migration_table", _FILE) or "_yoyo_migration"
    sources = (ini_value(parser, "DEFAULT", "sources", _FILE) or "").split()
    address, reason = _address(url, parser.get("DEFAULT", "database", raw=True, fallback=""), environ)
    return OriginProject(
        _TOOL,
        _FILE,
        address,
        reason,
        History(
            table,
            ("migration_id",),
            lock=("yoyo_lock", "pid"),
            others=("yoyo_lock", "_yoyo_log", "_yoyo_version"),
        ),
        examine=partial(examine, tuple(_migrations(sources, root))),
    )


_REFERENCE = re.compile(r"%\((\w+)\)s")


def _address(url: str | None, written: str, environ: Mapping[str, str]) -> tuple[Address | None, str]:
    """The URL of ``database``; references to the environment stay references."""
    if not url:
        return None, f"{_FILE} has no database"
    if not is_url(url):
        return None, f"database in {_FILE} is not the URL of an engine that is known here"
    names = _REFERENCE.findall(written)
    variables = {name.upper(): name for name in environ}
    if not names or not all(name.upper() in variables for name in names):
        return Address(url, f"{_FILE}: database"), ""
    reference = _REFERENCE.sub(lambda match: f"${{{variables[match[1].upper()]}}}", written)
    return Address(url, f"{_FILE}: database", reference.replace("%%", "%")), ""


def _migrations(sources: Iterable[str], root: Path) -> Iterable[tuple[str, str]]:
    """Identifiers and names of the migration files, in yoyo's order."""
    for source in sources:
        for folder in sorted(root.glob(source)) if not Path(source).is_absolute() else [Path(source)]:
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                is_migration = path.suffix in (".py", ".sql") and not path.name.endswith(".rollback.sql")
                if path.is_file() and is_migration and not path.name.startswith(("post-apply", "__init__")):
                    yield path.stem, path.name


def examine(migrations: Sequence[tuple[str, str]], rows: Sequence[Row]) -> OriginState:
    """Compare the files with ``_yoyo_migration``, by their names without the ending."""
    applied = {str(row["migration_id"]) for row in rows}
    return OriginState(
        tuple(file for id_, file in migrations if id_ in applied),
        tuple(file for id_, file in migrations if id_ not in applied),
        tuple(sorted(applied - {id_ for id_, _ in migrations})),
        advice="`yoyo apply` applies what is pending.",
    )
