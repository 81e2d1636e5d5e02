"""Parses and writes names of migration files."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import NamedTuple

from dbwarden.errors import FileNameError, UsageError


class Kind(Enum):
    """Kind of a migration, which decides when it runs."""

    VERSIONED = "versioned"
    RUNS_ALWAYS = "runs_always"
    RUNS_ON_CHANGE = "runs_on_change"


_NAME = re.compile(
    r"(?:V__|(?!(?:RA|ROC)__)(?P<database>[A-Za-z][A-Za-z0-9_]*?)__)?"
    r"(?:(?P<version>[0-9]+)_(?P<words>.+)|(?P<key>(?P<class>RA|ROC)__(?P<what>.+)))\.sql",
    re.DOTALL,
)
_CLASSES = {"RA": Kind.RUNS_ALWAYS, "ROC": Kind.RUNS_ON_CHANGE}
_ACCEPTED = (
    "accepted are NNNN_description.sql, V__NNNN_description.sql, <database>__NNNN_description.sql,"
    " RA__description.sql, ROC__description.sql, <database>__RA__description.sql and <database>__ROC__description.sql"
)


class Name(NamedTuple):
    """The parts of a file's name."""

    key: str
    kind: Kind
    version: int | None
    description: str
    database: str | None


_LEFTOVER = re.compile(r"~\Z|\.(?:bak|orig|rej|swp|tmp)\Z", re.IGNORECASE)
# Names that are almost those of migrations: with or without ``.sql``.
_NEAR = re.compile(r"\.sql\s*(?:\.|\Z)", re.IGNORECASE)
_BARE = re.compile(r"(?:[A-Za-z]\w*?__)?(?:[0-9]+[_\- ]|RA__|ROC__)[^.]+\Z", re.IGNORECASE)


def is_migration(file_name: str) -> bool:
    """Whether a file in a migrations folder is a migration.

    Hidden files, leftovers of editors and of ``patch``, and files with other names are not. Raises ``FileNameError`` for a
    name that is almost one (``0002_x.SQL``, ``0002_x.sql.txt``, ``0002_x``), because an ignored migration would never run.
    """
    if file_name[0] in ".#~" or _LEFTOVER.search(file_name):
        return False
    if file_name.endswith(".sql"):
        return True
    if _NEAR.search(file_name) or _BARE.fullmatch(file_name):
        raise FileNameError(file=file_name, line=1, column=1, reason=_advice(file_name))
    return False


def is_seed(file_name: str) -> bool:
    """Whether a file in a folder of seeds is one: SQL or Python, named like a migration. Other Python files are modules that
    seeds import. Raises ``FileNameError`` as ``is_migration``."""
    if not file_name.endswith(".py") or file_name[0] in ".#~":
        return is_migration(file_name)
    stem = file_name.removesuffix(".py")
    if _NAME.fullmatch(f"{stem}.sql"):
        return True
    if _BARE.fullmatch(stem):
        raise FileNameError(file=file_name, line=1, column=1, reason=_advice(f"{stem}.sql").replace(".sql", ".py"))
    return False


def _advice(file_name: str) -> str:
    """Advice for an invalid name: the nearest valid one."""
    stem = _NEAR.split(file_name)[0].strip()
    stem = re.sub(r"\A((?:[A-Za-z]\w*?__)?[0-9]+)[-. ]+", r"\1_", stem)
    stem = re.sub(
        r"\A((?:\w+?__)?)(ra|roc)(?=__)", lambda match: match[1] + match[2].upper(), stem, flags=re.IGNORECASE
    )
    meant = f"{stem}.sql"
    return f"rename it to {meant}, or move it elsewhere" if meant != file_name and _NAME.fullmatch(meant) else _ACCEPTED


def parse_name(file_name: str, database: str | None = None) -> Name:
    """Parse the name of a file in the folder of ``database``; ``.py`` stands for ``.sql`` (``is_seed``). Raises
    ``FileNameError``."""
    match = _NAME.fullmatch(f"{file_name.removesuffix('.py')}.sql" if file_name.endswith(".py") else file_name)
    if match is None:
        raise FileNameError(file=file_name, line=1, column=1, reason=_advice(file_name))
    prefix, version, words, key, class_, title = match.groups()
    if prefix is not None and database is not None and prefix != database:
        reason = f"its prefix names the database {prefix}, but it lies in the folder of {database}"
        raise FileNameError(file=file_name, line=1, column=1, reason=reason)
    if version is not None:
        return Name(version, Kind.VERSIONED, int(version), words.replace("_", " "), prefix)
    return Name(key, _CLASSES[class_], None, title.replace("_", " "), prefix)


_ASCII = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})


def slug(words: str, width: int = 60) -> str:
    """``words`` as the safe part of a file name: ASCII, lower case, underscores, at most ``width`` characters."""
    plain = unicodedata.normalize("NFKD", words.lower().translate(_ASCII)).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not safe:
        raise UsageError(f"{words!r} has no letter or digit that a file name can be made of")
    if len(safe) > width:
        cut = safe.rfind("_", width // 2, width + 1)
        safe = safe[: cut if cut > 0 else width].rstrip("_")
    return safe


def stem(name: str) -> str:
    """A file's name without ``.sql`` or ``.py``."""
    return name.removesuffix(".sql").removesuffix(".py")


def file_name(version: int | str, description: str, ending: str = ".sql") -> str:
    """``0001_create_users.sql``, with at least four digits."""
    return f"{int(version):04d}_{slug(description)}{ending}"


def repeatable_name(kind: Kind, description: str, ending: str = ".sql") -> str:
    """``RA__grants.sql`` or ``ROC__active_users.sql``."""
    prefix = next(name for name, of in _CLASSES.items() if of is kind)
    return f"{prefix}__{slug(description)}{ending}"
