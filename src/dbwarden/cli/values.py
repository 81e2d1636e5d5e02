"""Conversion of option values without Pydantic.

Newer versions of Typer convert values by Pydantic, whose import alone takes longer than a whole ``status``. Our options are
texts, numbers, paths and choices, which are converted here, with the same error messages. Versions of Typer that convert
values in another way are not changed.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import typer


class _Reader:
    """Replacement for the validator that Typer makes for a parameter (``get_runtime_param``)."""

    def __init__(self, read: Callable[[Any], Any], wanted: str) -> None:
        self.read, self.wanted = read, wanted

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Convert a value. Raises Typer's own error."""
        if value is None:
            return None
        try:
            return self.read(value)
        except ValueError:
            raise typer.BadParameter(f"{value!r} is not {self.wanted}.", ctx=ctx, param=param) from None


_NUMBERS: dict[type, str] = {int: "a whole number", float: "a number"}


def read_plainly(command: Any) -> Any:
    """Let the parameters of a command and its subcommands be converted here."""
    for param in command.params:
        _read(param)
    make_help = command.get_help_option
    command.get_help_option = lambda ctx: _read(make_help(ctx))
    for child in getattr(command, "commands", {}).values():
        read_plainly(child)
    return command


def _read(param: Any) -> Any:
    kind = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    reader = _reader(kind)
    if reader is not None and hasattr(param, "get_runtime_param"):
        param.get_runtime_param = lambda: reader
    return param


def _reader(kind: Any) -> _Reader | None:
    if kind is bool:
        return _Reader(bool, "yes or no")
    if kind is str:
        return _Reader(str, "a text")
    if kind in _NUMBERS:
        return _Reader(kind, _NUMBERS[kind])
    if kind is Path:
        return _Reader(Path, "a path")
    if get_origin(kind) is list:
        item_reader = _reader(get_args(kind)[0])
        return item_reader and _Reader(lambda values: [item_reader.read(value) for value in values], item_reader.wanted)
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = [str(choice.value) for choice in kind]
        return _Reader(kind, f"one of {', '.join(choices)}")
    return None
