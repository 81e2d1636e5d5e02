"""Canonical spelling of the options of objects, as the server reports them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dbwarden.core.options import NO_OPTIONS, Options, OptionSpec

FLAGS = {"1": "true", "yes": "true", "on": "true", "0": "false", "no": "false", "off": "false", "none": "false"}
"""Spellings of true and false."""


def flag(spec: OptionSpec, value: str) -> str:
    """``true`` or ``false`` for an option with such a default; the values of other options stay."""
    return FLAGS.get(value.lower(), value.lower()) if spec.default in ("true", "false") else value


def known_options(
    options: Options, specs: Iterable[OptionSpec], spelled: Callable[[OptionSpec, str], str] = flag
) -> Options:
    """Options that are in ``specs``, without those that have their default."""
    if not options:
        return NO_OPTIONS
    values: dict[str, str | None] = {}
    for spec in specs:
        value = options.get(spec.key)
        if value is not None:
            value = spelled(spec, value)
            values[spec.key] = None if value in (spec.default, "") else value
    return Options.of(values)
