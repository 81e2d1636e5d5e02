"""Kinds of settings, with the parsers of their values."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from dbwarden.core.engine import ENGINES
from dbwarden.core.redaction import redacted, redacted_text
from dbwarden.core.suggestions import did_you_mean

if TYPE_CHECKING:
    from dbwarden.core.table_runner import Words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SettingKind:
    """Kind of a setting.

    ``read`` converts a value, or raises ``ValueError`` with a text that completes a sentence after the setting's name. ``show``
    returns the value for printing and JSON, with passwords masked.
    """

    name: str
    read: Callable[[Any], Any]
    show: Callable[[Any], Any] = lambda value: value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {value!r}")
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _url(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a URL as text, not {type(value).__name__}")
    return _text(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")
    return value


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise ValueError(f'must be a list: write ["{value}"]')
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError(f"must be a list of text, not {value!r}")
    items = sorted(value) if isinstance(value, set | frozenset) else value
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise ValueError(f"must be a list of text, but holds {item!r}")
    return tuple(dict.fromkeys(item.strip() for item in items))


_QUERY = re.compile(r"\s*(?:\(\s*)*(?:SELECT|WITH|TABLE|VALUES)\b(?!\S*://)", re.IGNORECASE)


def is_query(value: Any) -> bool:
    """Whether the targets of a fleet come from a query."""
    return isinstance(value, str) and _QUERY.match(value) is not None


def _targets(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str):
        text = _text(value)
        if text.startswith("env:") and not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", text):
            raise ValueError(f"must be env: and the name of an environment variable, not {value!r}")
        if "://" in text and not is_query(text) and not text.startswith("env:"):
            raise ValueError("is a URL: write a list of them, a query, the name of a file or env:NAME")
        return text
    if not isinstance(value, list | tuple):
        raise ValueError(f"must be a query, a file, env:NAME or a list, not {type(value).__name__}")
    if any(not isinstance(item, str) or not item.strip() for item in value):
        raise ValueError("must be a list of text")
    return tuple(item.strip() for item in value)


def _shown_targets(value: Any) -> Any:
    return redacted_text(value) if isinstance(value, str) else [*map(redacted_text, value)] if value else None


def _folder(value: Any) -> Path:
    if isinstance(value, PurePath):
        return Path(value)
    return Path(os.path.expanduser(_text(value)))


def _identifier(longest: int) -> Callable[[Any], str]:
    """Parser of a name that is written into SQL; ``longest`` leaves room for names derived from it."""

    def read(value: Any) -> str:
        text = _text(value)
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", text) or len(text) > longest:
            words = f"a to z, digits and _, not beginning with a digit, at most {longest} characters"
            raise ValueError(f"must be a name of {words}, not {value!r}")
        return text

    return read


def _cluster(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"(?:[A-Za-z0-9_.-]|\{\w+\})+", text):
        raise ValueError(
            f"must be a name of letters, digits, _, - and ., or a macro such as {{cluster}}, not {value!r}"
        )
    return text


def _backup_place(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"(?:Disk|File|S3|AzureBlobStorage)\(.*\)", text) or "{name}" not in text:
        raise ValueError(
            "must be Disk(...), File(...), S3(...) or AzureBlobStorage(...) with {name} for the name of each backup,"
            f" such as Disk('backups', '{{name}}'), not {text.partition('(')[0]!r}..."
        )
    return text


def _without_keys(value: str | None) -> str | None:
    """A place without the keys that S3 and Azure may have in it."""
    local = value is None or value.startswith(("Disk(", "File("))
    return value if local or value is None else f"{value.partition('(')[0]}(...)"


def _commands(value: Any) -> tuple[tuple[str, Words], ...]:
    """Commands by name, as pairs: text is split as a shell does."""
    if value in ((), {}):
        return ()
    from dbwarden.core.table_runner import runner_name  # deferred: few projects name runners

    value = dict(value) if isinstance(value, tuple) else value
    if not isinstance(value, Mapping):
        raise ValueError(f'must be a table of commands by name, such as {{"gh-ost": "gh-ost ..."}}, not {value!r}')
    return tuple((_named(runner_name, name), _named(_command, command, name)) for name, command in value.items())


def _named(read: Callable[[Any], T], value: Any, name: str | None = None) -> T:
    try:
        return read(value)
    except ValueError as problem:
        raise ValueError(
            f"has the command {name}, which {problem}" if name else f"needs {problem}, not {value!r}"
        ) from None


def _command(value: Any) -> Words:
    from dbwarden.core.table_runner import check_command  # deferred, as above

    if isinstance(value, str):
        import shlex  # deferred, as above

        try:
            value = shlex.split(value)
        except ValueError as problem:
            raise ValueError(f"cannot be split into words: {problem}") from None
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise ValueError(f"must be text or a list of text, not {value!r}")
    return check_command(value)


def _joined(commands: Iterable[tuple[str, Words]]) -> dict[str, str]:
    """Commands as a shell would take them."""
    import shlex  # deferred, as above

    return {name: shlex.join(command) for name, command in commands}


def _hook(value: Any) -> Words:
    """Words of a command, or a URL as the only one."""
    if isinstance(value, str):
        if value.strip().startswith(("http://", "https://")):
            if not re.match(r"https?://[^/\s]+\S*$", value.strip()):
                raise ValueError("must be a URL with a host, or a command")
            return (value.strip(),)
        import shlex  # deferred, as above

        try:
            value = shlex.split(_text(value))
        except ValueError as problem:
            raise ValueError(f"cannot be split into words: {problem}") from None
    if not isinstance(value, list | tuple) or not value or not all(isinstance(word, str) and word for word in value):
        raise ValueError("must be a URL, or a command as text or a list of text")
    return tuple(value)


def _shown_hook(words: Words | None) -> str | None:
    """The program alone, or the server of a URL: what follows is often a secret."""
    if words is None:
        return None
    scheme, mark, rest = words[0].partition("://")
    if mark:
        return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}/..."
    return " ".join((words[0], *("..." for _ in words[1:2])))


_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0}


def seconds(value: Any) -> float:
    """Parse a duration in seconds: a number, or text such as ``10s``, ``500ms``, ``2min``. Raises ``ValueError``."""
    number, unit = value, ""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|sec|s|min|h|)\s*", value)):
        number, unit = float(match[1]), match[2]
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(f'must be a number of seconds or text such as "10s", "500ms", "2min", not {value!r}')
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"must be a duration of zero or more, not {value!r}")
    return round(float(number) * _UNITS[unit], 6)


def _positive_seconds(value: Any) -> float:
    if (duration := seconds(value)) == 0:
        raise ValueError("must be longer than zero")
    return duration


def choice(*options: str) -> SettingKind:
    """Kind of a setting whose value is one of these words, in any case."""

    def read(value: Any) -> str:
        text = _text(value).lower()
        if text not in options:
            raise ValueError(f"must be one of {', '.join(options)}, not {value!r}{did_you_mean(text, options)}")
        return text

    return SettingKind(f"one of {', '.join(options)}", read)


NAME = SettingKind("name", _text)
TABLE_NAME = SettingKind("name", _identifier(40))
SCHEMA_NAME = SettingKind("name", _identifier(60))
CLUSTER_NAME = SettingKind("name", _cluster)
BACKUP_PLACE = SettingKind("place of BACKUP ... TO", _backup_place, _without_keys)
FLAG = SettingKind("true or false", _flag)
LIST = SettingKind("list of text", _list, lambda value: None if value is None else list(value))
COMMANDS = SettingKind("table of commands", _commands, _joined)
HOOK = SettingKind("command or URL", _hook, _shown_hook)
FOLDER = SettingKind("folder", _folder, str)
TEXT = SettingKind("text", _text)
TARGETS = SettingKind("query, file, env:NAME or list", _targets, _shown_targets)
URL = SettingKind("URL", _url, lambda value: None if value is None else redacted(value))
DURATION = SettingKind("duration", seconds)
POSITIVE_DURATION = SettingKind("duration", _positive_seconds)
ENGINE = choice(*ENGINES)
