"""SQL of the options of sequences and identity columns."""

from __future__ import annotations

from dbwarden.core.options import Options
from dbwarden.core.sequence_values import changes_direction, counts_down, first_number, narrowed_bound
from dbwarden.core.types import Ref
from dbwarden.dialects.base.names import literal

from . import names


def sql(options: Options, before: Options | None = None, set_: bool = False) -> str:
    """Options in the order of the manual; with ``before`` only those that change, also back to the default.

    START is repeated if the bounds move, so that one ALTER has all options that must agree. A sequence that changes its
    direction restarts, because its next number would be outside the bounds. ``set_`` writes SET before each option, as for
    ALTER COLUMN.
    """
    former = dict(before) if before is not None else {}
    turned = before is not None and changes_direction(options, before)
    wanted = dict(options)
    word = "SET " if set_ else ""
    parts = []
    for key, clause, default in _NUMBERS:
        value = wanted.get(key)
        implied = (key == "start" and first_number(former) != first_number(wanted)) or (
            turned and key in ("minvalue", "maxvalue")
        )
        if value == former.get(key) and not implied:
            continue
        if key == "cycle":
            parts.append(f"{word}{'CYCLE' if value == 'true' else 'NO CYCLE'}")
        elif key == "start":
            parts.append(f"{word}{clause} {first_number(wanted)}")
        else:
            parts.append(f"{word}{clause} {value}" if value is not None else f"{word}{default}")
    return " ".join([*parts, "RESTART"] if turned else parts)


_NUMBERS = (
    ("increment", "INCREMENT BY", "INCREMENT BY 1"),
    ("minvalue", "MINVALUE", "NO MINVALUE"),
    ("maxvalue", "MAXVALUE", "NO MAXVALUE"),
    ("start", "START WITH", ""),
    ("cache", "CACHE", "CACHE 1"),
    ("cycle", "CYCLE", "NO CYCLE"),
)


def move_into_bounds(sequence: Ref, options: Options, before: Options) -> tuple[str, ...]:
    """SELECT setval to a new bound that the next number may violate ("RESTART value cannot be less than MINVALUE"): the
    sequence continues at the bound that it counts away from."""
    bound = narrowed_bound(options, before)
    if bound is None:
        return ()
    name, compared = names.of(sequence), ">" if counts_down(options) else "<"
    return (f"SELECT setval({literal(name)}, {bound}, false) FROM {name} WHERE last_value {compared} {bound}",)
