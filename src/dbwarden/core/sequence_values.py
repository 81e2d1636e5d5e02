"""Values of a sequence that follow from its options (start, increment, minvalue, maxvalue)."""

from __future__ import annotations

from collections.abc import Mapping

from .options import Options


def counts_down(options: Mapping[str, str] | Options) -> bool:
    """Whether the increment is negative."""
    return int(options.get("increment") or "1") < 0


def changes_direction(options: Options, before: Options) -> bool:
    """Whether a sequence that counted up now counts down, or the reverse."""
    return counts_down(options) != counts_down(before)


def first_number(options: Mapping[str, str]) -> int:
    """First value of a sequence: ``start``, else its lower bound, or its upper one if it counts down."""
    down = counts_down(options)
    return int(options.get("start") or (options.get("maxvalue", "-1") if down else options.get("minvalue", "1")))


def narrowed_bound(options: Options, before: Options) -> int | None:
    """The bound from which a sequence counts, if it was narrowed so that the next number may lie outside; else ``None``."""
    down = counts_down(options)
    key, implied = ("maxvalue", "-1") if down else ("minvalue", "1")
    bound, former = (int(side.get(key) or implied) for side in (options, before))
    return None if bound == former or (bound > former) == down or changes_direction(options, before) else bound
