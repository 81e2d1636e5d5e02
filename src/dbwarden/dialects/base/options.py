"""The options of objects in the spelling that a server reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dbwarden.core.options import NO_OPTIONS, Options, OptionSpec

FLAGS = {"1": "true", "yes": "true", "on": "true", "0": "false", "no": "false", "off": "false", "none": "false"}
"""Spellings of true and false."""


def flag(spec: OptionSpec, value: str) -> str:
    """A value that is true or false in these words; any other as it is."""
    return FLAGS.get(value.lower(), value.lower()) if spec.default in ("true", "false") else value


def known(options: Options, specs: Iterable[OptionSpec], spelled: Callable[[OptionSpec, str], str] = flag) -> Options:
    """The options that an engine knows, without those that have their default."""
    if not options:
        return NO_OPTIONS
    values: dict[str, str | None] = {}
    for spec in specs:
        value = options.get(spec.key)
        if value is not None:
            value = spelled(spec, value)
            values[spec.key] = None if value in (spec.default, "") else value
    return Options.of(values)
