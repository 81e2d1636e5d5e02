"""Cache for what is read from texts of SQL: several stages of a command ask for the same statements."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Concatenate, Generic, ParamSpec, TypeVar

Result = TypeVar("Result")
Rest = ParamSpec("Rest")

LENGTH = 65536
"""Characters below which a text is cached: a longer one is data, and would fill the memory."""
ENTRIES = 4096


class TextCache(Generic[Rest, Result]):
    """Decorator of a function of a text and of other hashable arguments, which it remembers by their values."""

    def __init__(self, function: Callable[Concatenate[str, Rest], Result]) -> None:
        self.uncached = function
        self.cached = lru_cache(maxsize=ENTRIES)(function)
        update_wrapper(self, function)

    def __call__(self, text: str, *rest: Rest.args, **named: Rest.kwargs) -> Result:
        if len(text) < LENGTH:
            return self.cached(text, *rest, **named)  # type: ignore[arg-type]
        return self.uncached(text, *rest, **named)
