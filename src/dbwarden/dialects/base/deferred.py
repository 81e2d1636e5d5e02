"""Modules of a dialect that are imported when something of them is first used.

``status`` asks a dialect for its features and for the columns of a table; printers, grammar and catalogue queries, which it
does not need, took a third of the command's time. A dialect names such modules twice, first for a type checker:

    if TYPE_CHECKING:
        from . import ddl, facts
    else:
        globals().update(deferred(__package__, "ddl facts"))
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class _DeferredModule:
    """A module that is imported for its first attribute."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._module: ModuleType | None = None

    def __getattr__(self, attribute: str) -> Any:
        if self._module is None:
            self._module = import_module(self._name)
        return getattr(self._module, attribute)


def deferred(package: str, names: str) -> dict[str, Any]:
    """The modules of ``package`` that ``names`` lists, by name, not yet imported."""
    return {name: _DeferredModule(f"{package}.{name}") for name in names.split()}
