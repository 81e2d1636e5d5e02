"""init: writes a first configuration, and creates its folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dbwarden import config as configuration_files
from dbwarden.config import urls
from dbwarden.core.engine import DEFAULT, SCHEMES
from dbwarden.errors import MissingConfiguration, UsageError


@dataclass(frozen=True, slots=True)
class InitReport:
    """Files and folders that ``init`` created."""

    configuration: Path
    folders: tuple[Path, ...]


def init(
    folder: str | Path | None = None,
    *,
    database_type: str | None = None,
    url: str | None = None,
    database: str = "primary",
) -> InitReport:
    """Write ``warden.py`` with one ``database`` into ``folder`` (default: the working directory), and create the folder of its
    migrations.

    The engine is ``database_type``, else that of ``url``, else SQLite. A password in ``url`` is not written: the file
    refers to an environment variable. Raises ``UsageError`` if the folder already has a configuration, which is never
    overwritten.
    """
    root = Path(folder or Path.cwd()).absolute()
    _refuse_existing(root)
    engine = database_type or (SCHEMES[urls.parse(url, "--url").scheme].name if url else DEFAULT.name)
    text = configuration_files.template(engine, url, name=database)
    root.mkdir(parents=True, exist_ok=True)
    path = root / "warden.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already; it was not changed") from None
    return InitReport(path, _make_folders(root / "migrations" / database))


def _refuse_existing(root: Path) -> None:
    if not root.is_dir():
        return
    try:
        existing = configuration_files.find(str(root), cwd=root, environ={})
    except MissingConfiguration:
        return
    raise UsageError(
        f"{existing.path} is a configuration already; it was not changed",
        hint="`dbwarden config` shows what it says. To begin anew, move it away first.",
    )


def _make_folders(*folders: Path) -> tuple[Path, ...]:
    made = tuple(path for path in folders if not path.is_dir())
    for path in made:
        path.mkdir(parents=True)
    return made
