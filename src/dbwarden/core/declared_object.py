"""What models write for an object: a class of ``dbwarden.objects`` with its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | bool | int | tuple[Value, ...] | Mapping[str, Value] | None"
"""An argument: a text, a number, a flag, or a tuple or mapping of these; ``None`` is left out."""


@dataclass(frozen=True, slots=True)
class DeclaredObject:
    """A call of ``constructor``, whose first argument is ``name``; ``body`` is the second one, usually SQL."""

    constructor: str
    name: str
    body: Value = None
    named: Mapping[str, Value] = field(default_factory=dict)
