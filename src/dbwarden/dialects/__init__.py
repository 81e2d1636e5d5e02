"""Dialects by the name of their engine, imported on first use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from dbwarden.core.engine import SUPPORTED
from dbwarden.errors import ConfigurationError

if TYPE_CHECKING:
    from dbwarden.core.connector import Connector
    from dbwarden.core.dialect import Dialect
    from dbwarden.core.sqltext import LexicalRules
    from dbwarden.core.translation import Translator

TRANSLATORS = ("sqlite",)
"""Dialects with a ``translate.py``: they can stand for another one in development."""


def get(name: str) -> Dialect:
    """The dialect called ``name``; raises ``ConfigurationError`` for an unknown one."""
    dialect: Dialect = _module(name, "dialect").create(name)
    return dialect


def connector(name: str) -> Connector:
    """Connector of the engine called ``name``, without the rest of its dialect; raises as ``get``."""
    connector: Connector = _module(name, "connector").CONNECTOR
    return connector


def lexical_rules(name: str) -> LexicalRules:
    """Lexical rules of the dialect called ``name``, without the rest of it; raises as ``get``."""
    rules: LexicalRules = _module(name, "words").LEXICAL_RULES
    return rules


def _module(name: str, module: str) -> ModuleType:
    if name not in SUPPORTED:
        raise ConfigurationError(
            f"database_type {name!r} is not supported by this version.", hint=f"Supported: {', '.join(SUPPORTED)}."
        )
    return import_module(f"dbwarden.dialects.{SUPPORTED[name].dialect}.{module}")


class _LexicalRulesByEngine(Mapping[str, "LexicalRules"]):
    """Lexical rules by dialect name; each is imported on first use."""

    def __getitem__(self, name: str) -> LexicalRules:
        if name not in SUPPORTED:
            raise KeyError(name)
        return lexical_rules(name)

    def __iter__(self) -> Iterator[str]:
        return iter(SUPPORTED)

    def __len__(self) -> int:
        return len(SUPPORTED)


LEXICAL_RULES: Mapping[str, LexicalRules] = _LexicalRulesByEngine()
"""Lexical rules of all dialects, since a file may have a variant for each."""


def translator(name: str) -> Translator | None:
    """Translator of other dialects' schemas and statements into those of ``name``; ``None`` if it has none."""
    if name not in TRANSLATORS:
        return None
    translator: Translator = import_module(f"dbwarden.dialects.{name}.translate")
    return translator
