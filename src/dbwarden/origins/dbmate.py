"""dbmate: .env, db/migrations and the table schema_migrations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

from dbwarden.core.engine import SCHEMES, Engine
from dbwarden.core.url import Url
from dbwarden.errors import NoOrigin, OtherHistory

from .project import Address, History, OriginProject, OriginState, Row
from .text import read_dotenv, shown

_TOOL = "dbmate"
_VARIABLE = "DATABASE_URL"
_NAME = re.compile(r"(?P<version>\d+).*\.sql")


def read(root: Path, environ: Mapping[str, str]) -> OriginProject:
    """Read dbmate's ``.env``, variables and migration folder in ``root``."""
    dotenv = read_dotenv(root / ".env", root) if (root / ".env").is_file() else {}
    settings = {**dotenv, **environ}  # as in dbmate, .env does not replace what is set
    folder = root / settings.get("DBMATE_MIGRATIONS_DIR", "db/migrations")
    if not folder.is_dir():
        raise NoOrigin(tool=_TOOL, folder=str(root), looked_for=f"there is no folder {shown(folder, root)}")
    schema, _, table = settings.get("DBMATE_MIGRATIONS_TABLE", "schema_migrations").rpartition(".")
    source = f"the environment variable {_VARIABLE}" if _VARIABLE in environ else f".env: {_VARIABLE}"
    text = settings.get(_VARIABLE, "")
    address, reason = _address(text, source, _VARIABLE in environ)
    files = {match["version"]: path.name for path in sorted(folder.iterdir()) if (match := _NAME.fullmatch(path.name))}
    return OriginProject(
        _TOOL,
        ".env" if dotenv else shown(folder, root),
        address,
        reason,
        History(table, ("version",), schema or None, optional=("dirty",)),
        examine=partial(examine, files, table),
    )


def _address(text: str, source: str, in_environment: bool) -> tuple[Address | None, str]:
    """The URL as DBWarden reads it. ``in_environment``: whether ``warden.py`` can refer to the variable."""
    if not text:
        return None, f"neither the environment nor .env has {_VARIABLE}"
    url = translated(text)
    if url is None:
        return None, f"{source} is not the URL of an engine that is known here"
    return Address(url, source, f"${{{_VARIABLE}}}" if in_environment and url == text else None), ""


def translated(text: str) -> str | None:
    """A URL of dbmate in SQLAlchemy's form; ``None`` if it is not one of a known engine.

    Files: ``name:folder/file`` is relative; with slashes behind the colon the path is absolute, even if there are two
    (dbmate's ``sqlite.ConnectionString``). Parameters: ``socket`` and the schema of the connection have other names.
    """
    scheme, colon, rest = text.partition(":")
    engine = SCHEMES.get(scheme) or SCHEMES.get(scheme.rstrip("3"))
    if engine is None or not colon:
        return None
    if engine.file:
        path, mark, query = rest.partition("?")
        path = "/" + path.lstrip("/") if path.startswith("/") else path
        return f"{engine.schemes[0]}:///{unquote(path)}{mark}{query}"
    try:
        url = Url.parse(text)
    except ValueError:
        return None
    return _with_parameters(text, url, engine)


def _with_parameters(text: str, url: Url, engine: Engine) -> str:
    pairs = parse_qsl(url.query_text)
    names = {name for name, _ in pairs}
    if not names & {"socket", engine.namespace_option}:
        return text
    changed = []
    for name, value in pairs:
        if name == "socket":
            changed.append((engine.socket_option or "host", value))
        elif name == engine.namespace_option:
            changed.append(("options", f"-c{name}={value}"))
        else:
            changed.append((name, value))
    return f"{text.partition('?')[0]}?{urlencode(changed, quote_via=quote)}"


def examine(files: Mapping[str, str], table: str, rows: Sequence[Row]) -> OriginState:
    """Compare the files with ``schema_migrations``, by version. Raises ``OtherHistory`` for the table of golang-migrate, which
    has the same name and one row."""
    if any("dirty" in row for row in rows):
        raise OtherHistory(tool=_TOOL, table=table, reason="its column dirty is that of golang-migrate")
    applied = {str(row["version"]) for row in rows}
    return OriginState(
        tuple(file for version, file in files.items() if version in applied),
        tuple(file for version, file in files.items() if version not in applied),
        tuple(sorted(applied - files.keys())),
        advice="`dbmate up` applies what is pending.",
    )
