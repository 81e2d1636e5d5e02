"""Lists of a fleet's targets that need no database: a file, an environment variable, a list in the configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dbwarden.errors import EmptyFleet

from .declare import expand, shown_path
from .setting_kinds import is_query
from .settings import Database

_NAMED = re.compile(r"(?P<name>[\w.-]+)\s*=\s*(?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class ListedTarget:
    """An entry of a list of targets: a URL or the name of a schema, perhaps with the name of the target."""

    value: str = field(repr=False)
    name: str
    source: str
    """Where it stands, for messages: ``tenants.txt:3``."""


def query_of(database: Database) -> str | None:
    """The query that lists the targets of a fleet; ``None`` if they are listed elsewhere."""
    source = database.urls_from if database.urls_from is not None else database.schemas_from
    return source if isinstance(source, str) and is_query(source) else None


def listed_targets(database: Database, environ: Mapping[str, str] | None = None) -> tuple[ListedTarget, ...]:
    """Read the targets of a fleet from its file, its environment variable or its list. Raises ``EmptyFleet`` and other
    ``ConfigurationError``."""
    environ = os.environ if environ is None else environ
    key = "urls_from" if database.urls_from is not None else "schemas_from"
    source = getattr(database, key)
    if isinstance(source, tuple):
        entries = [(text, f"{database.source}, entry {at} of {key}") for at, text in enumerate(source, 1)]
        shown = key
    elif source.startswith("env:"):
        variable, shown = source[4:], f"the environment variable {source[4:]}"
        if variable not in environ:
            raise EmptyFleet(name=database.database_name, source=shown, reason="is not set")
        words = environ[variable].split()
        entries = [(text, f"{variable}, entry {at}") for at, text in enumerate(words, 1)]
    else:
        path = database.root / os.path.expanduser(source)
        shown = shown_path(path, Path.cwd())
        entries = [
            (expand(line, key, where, environ), where)
            for line, where in _lines(database, path, shown)
        ]  # fmt: skip
    if not entries:
        raise EmptyFleet(name=database.database_name, source=shown, reason="is empty")
    return tuple(_entry(text, where) for text, where in entries)


def _lines(database: Database, path: Path, shown: str) -> Iterator[tuple[str, str]]:
    """The lines of a file with their places, without empty ones and comments."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "is not UTF-8"
        raise EmptyFleet(name=database.database_name, source=shown, reason=f"cannot be read ({reason})") from None
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            yield bare, f"{shown}:{number}"


def _entry(text: str, where: str) -> ListedTarget:
    named = _NAMED.fullmatch(text)
    return ListedTarget(named["value"], named["name"], where) if named else ListedTarget(text, "", where)
