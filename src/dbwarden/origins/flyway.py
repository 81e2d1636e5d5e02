"""Flyway: flyway.toml or flyway.conf, the SQL files and the table flyway_schema_history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from zlib import crc32

from dbwarden.core.engine import SCHEMES
from dbwarden.errors import NoOrigin, UnfinishedOrigin

from .project import Address, History, OriginProject, OriginState, Row, listed
from .text import read_text, read_toml, shown

_TOOL = "Flyway"
_FILES = ("conf/flyway.conf", "flyway.conf", "conf/flyway.toml", "flyway.toml", "flyway.user.toml")
"""Configuration files; later ones replace settings of earlier ones, and environment variables those of all."""
_DEFAULTS = {
    "locations": "filesystem:sql",
    "table": "flyway_schema_history",
    "sqlmigrationprefix": "V",
    "undosqlmigrationprefix": "U",
    "repeatablesqlmigrationprefix": "R",
    "sqlmigrationseparator": "__",
    "sqlmigrationsuffixes": ".sql",
}
_CLASS_PATH = "src/main/resources"
_VARIABLES = {"url": "FLYWAY_URL", "user": "FLYWAY_USER", "password": "FLYWAY_PASSWORD"}


@dataclass(frozen=True, slots=True)
class Script:
    """A versioned (``V``) or repeatable (``R``) file."""

    name: str
    version: tuple[int, ...] | None
    description: str
    checksum: int | None
    """As Flyway computes it; ``None`` if placeholders have a part in it."""


def read(root: Path, environ: Mapping[str, str]) -> OriginProject:
    """Read Flyway's configuration and scripts in ``root``."""
    settings, files = _settings(root, environ)
    locations = [*_locations(settings["locations"], root)]
    if not files and not any(location.is_dir() for location in locations):
        looked_for = f"none of {', '.join(reversed(_FILES))}, and no folder sql"
        raise NoOrigin(tool=_TOOL, folder=str(root), looked_for=looked_for)
    scripts = tuple(script for location in locations for script in _scripts(location, settings, root))
    address, reason, notes = _address(settings, files[-1] if files else "the environment", environ)
    schema = settings.get("defaultschema") or settings.get("schemas", "").split(",")[0].strip() or None
    return OriginProject(
        _TOOL,
        files[-1] if files else shown(locations[0], root),
        address,
        reason,
        History(
            settings["table"],
            ("version", "description", "type", "script", "checksum", "success", "installed_rank"),
            schema,
        ),
        notes=notes,
        examine=partial(examine, scripts),
    )


# -- configuration


def _settings(root: Path, environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The settings, by their names in lower case, and the files that were read."""
    settings, files = dict(_DEFAULTS), []
    for name in _FILES:
        path = root / name
        if path.is_file():
            files.append(name)
            read_file = _of_toml if path.suffix == ".toml" else _of_properties
            settings |= {key: _with_environment(value, environ) for key, value in read_file(path, root)}
    for variable, value in environ.items():
        if variable.startswith("FLYWAY_") and value:
            settings[variable.removeprefix("FLYWAY_").replace("_", "").lower()] = value
    return settings, files


def _with_environment(value: str, environ: Mapping[str, str]) -> str:
    """``${env.NAME}`` replaced by the environment variable, if it is set."""
    return re.sub(r"\$\{env\.(\w+)\}", lambda match: environ.get(match[1], match[0]), value)


def _of_properties(path: Path, root: Path) -> Iterator[tuple[str, str]]:
    for line in re.sub(r"\\\r?\n[ \t]*", "", read_text(path, root)).splitlines():
        match = re.match(r"\s*flyway\.([\w.]+)\s*[=:]\s*(.*?)\s*$", line)
        if match is not None:
            yield match[1].lower(), match[2].replace("\\\\", "\\")


def _of_toml(path: Path, root: Path) -> Iterator[tuple[str, str]]:
    """The table ``flyway``, and the environment that it names."""
    document = read_toml(path, root)
    general = document.get("flyway", {})
    yield from _texts(general)
    environments = document.get("environments", {})
    name = general.get("environment", "default") if isinstance(general, dict) else "default"
    environment = environments.get(name, {}) if isinstance(environments, dict) else {}
    yield from _texts(environment)


def _texts(table: Any) -> Iterator[tuple[str, str]]:
    for key, value in table.items() if isinstance(table, dict) else ():
        if isinstance(value, list):
            yield key.lower(), ",".join(map(str, value))
        elif isinstance(value, str | int | bool):
            yield key.lower(), str(value)


def _locations(text: str, root: Path) -> Iterator[Path]:
    """The folders of ``locations``; those on the class path are where Maven and Gradle keep them."""
    for location in filter(None, map(str.strip, text.split(","))):
        kind, colon, path = location.partition(":")
        if kind == "classpath":
            yield root / _CLASS_PATH / path.lstrip("/")
        elif kind == "filesystem" or not colon:
            yield root / (path if colon else location)


# -- the URL


def _address(
    settings: Mapping[str, str], file: str, environ: Mapping[str, str]
) -> tuple[Address | None, str, tuple[str, ...]]:
    jdbc = settings.get("url", "")
    source = _VARIABLES["url"] if environ.get(_VARIABLES["url"]) else f"{file}: url"
    if not jdbc:
        return None, f"{file} has no url", ()
    if "${env." in jdbc:
        return None, f"{source} names an environment variable that is not set", ()
    url, ignored = translated(jdbc, settings.get("user", ""), settings.get("password", ""))
    if url is None:
        return None, f"{source} is not the URL of an engine that is known here", ()
    notes = (f"Parameters of {source} that only JDBC knows were left out: {', '.join(ignored)}.",) if ignored else ()
    return Address(url, source), "", notes


_CREDENTIALS = ("user", "username", "password")


def translated(jdbc: str, user: str = "", password: str = "") -> tuple[str | None, tuple[str, ...]]:
    """A URL of JDBC in SQLAlchemy's form, ``None`` if it is not one of a known engine; and the names of its other parameters."""
    match = re.fullmatch(r"jdbc:(?:p6spy:)?(?P<scheme>\w+):(?P<rest>.*)", jdbc.strip(), re.DOTALL)
    scheme, rest = (str(match["scheme"]), str(match["rest"])) if match else ("", "")
    engine = SCHEMES.get(scheme)
    if engine is None:
        return None, ()
    rest, _, query = rest.partition("?")
    parameters = dict(parse_qsl(query))
    others = tuple(name for name in parameters if name.lower() not in _CREDENTIALS)
    if engine.file:
        return f"{engine.schemes[0]}:///{unquote(rest)}", others
    server, _, database = rest.removeprefix("//").partition("/") if rest.startswith("//") else ("", "", rest)
    user = user or parameters.get("user", parameters.get("username", ""))
    password = password or parameters.get("password", "")
    secret = f":{quote(password, safe='')}" if password else ""
    login = f"{quote(user, safe='')}{secret}@" if user else ""
    return f"{scheme}://{login}{server}/{database}", others


# -- scripts


def _scripts(folder: Path, settings: Mapping[str, str], root: Path) -> Iterator[Script]:
    suffixes = tuple(settings["sqlmigrationsuffixes"].split(","))
    separator = settings["sqlmigrationseparator"]
    versioned, repeatable = settings["sqlmigrationprefix"], settings["repeatablesqlmigrationprefix"]
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        suffix = next((each for each in suffixes if path.name.endswith(each)), None)
        if suffix is None or not path.is_file():
            continue
        head, _, description = path.name.removesuffix(suffix).partition(separator)
        description = description.replace("_", " ")
        if head == repeatable:
            yield Script(path.name, None, description, checksum(read_text(path, root)))
        elif head.startswith(versioned) and (version := parse_version(head.removeprefix(versioned))) is not None:
            yield Script(path.name, version, description, checksum(read_text(path, root)))


def parse_version(text: str) -> tuple[int, ...] | None:
    """``1.2`` and ``1_2_0`` as numbers without zeros at the end; ``None`` if it is not a version."""
    if not re.fullmatch(r"\d+(?:[._]\d+)*", text):
        return None
    parts = [int(part) for part in re.split(r"[._]", text)]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def checksum(text: str) -> int | None:
    """Flyway's checksum: CRC-32 of the lines without their ends, as a signed number."""
    if "${" in text:
        return None
    value = 0
    for line in re.split(r"\r\n|\r|\n", text):
        value = crc32(line.encode(), value)
    return value - (1 << 32) if value >= 1 << 31 else value


# -- the history


@dataclass
class _Applied:
    """What the rows of the history come to, in their order."""

    versions: dict[tuple[int, ...], Row] = field(default_factory=dict)
    repeatables: dict[str, Row] = field(default_factory=dict)
    baseline: tuple[int, ...] = ()


def examine(scripts: Sequence[Script], rows: Sequence[Row]) -> OriginState:
    """Compare the scripts with ``flyway_schema_history``. Raises ``UnfinishedOrigin`` for a failed row."""
    ordered = sorted(rows, key=lambda row: int(row["installed_rank"]))
    failed = [str(row["script"]) for row in ordered if not _is_success(row["success"])]
    if failed:
        raise UnfinishedOrigin(
            tool=_TOOL,
            state="a migration failed half-way",
            listed=listed(failed),
            hint="Undo or finish by hand what it left, then `flyway repair` and `flyway migrate`.",
        )
    applied = _applied(ordered)
    in_effect, pending, notes = [], [], []
    for script in scripts:
        row = applied.versions.get(script.version) if script.version else applied.repeatables.get(script.description)
        if script.version and script.version <= applied.baseline and row is None:
            continue  # below the baseline, which Flyway never runs
        if row is None or (script.version is None and _is_edited(script, row)):
            pending.append(script.name)
            continue
        in_effect.append(script.name)
        if _is_edited(script, row):
            notes.append(f"{script.name} was edited after Flyway applied it; the database has what was applied.")
    versions = {script.version for script in scripts}
    descriptions = {script.description for script in scripts if script.version is None}
    unknown = [str(row["script"]) for version, row in applied.versions.items() if version not in versions]
    unknown += [str(row["script"]) for name, row in applied.repeatables.items() if name not in descriptions]
    advice = "`flyway migrate` applies what is pending (`-outOfOrder=true` what lies below the current version)."
    return OriginState(tuple(in_effect), tuple(pending), tuple(unknown), tuple(notes), advice)


def _applied(rows: Iterable[Row]) -> _Applied:
    applied = _Applied()
    for row in rows:
        kind = str(row["type"]).upper()
        version = parse_version(str(row["version"])) if row["version"] is not None else None
        if "BASELINE" in kind:
            applied.baseline = version or ()
        elif kind == "DELETE":  # `flyway repair` marks what is missing
            applied.versions.pop(version or (), None)
            applied.repeatables.pop(str(row["description"]) if version is None else "", None)
        elif kind.startswith("UNDO"):
            applied.versions.pop(version or (), None)
        elif version is not None:
            applied.versions[version] = row
        elif kind != "SCHEMA":
            applied.repeatables[str(row["description"])] = row
    return applied


def _is_success(value: Any) -> bool:
    return str(value).lower() in ("1", "true", "t")


def _is_edited(script: Script, row: Row) -> bool:
    return None not in (script.checksum, row["checksum"]) and script.checksum != int(row["checksum"])
