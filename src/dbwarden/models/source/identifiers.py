"""Names of classes and attributes for tables and columns."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection

MODULES = frozenset(
    ("sa", "dt", "decimal", "uuid", "ipaddress", "Any", "Base", "Mapped", "mapped_column", "relationship")
)
"""Names that the source of models uses, beside the modules of dialects."""
_OF_BASE = frozenset(("metadata", "registry"))
"""Attributes of declarative classes."""
_BUILTINS = frozenset(("int", "str", "float", "bool", "bytes", "list", "complex"))
"""Types in annotations."""
_INVARIANT = frozenset(
    ("series", "species", "news", "data", "status", "analysis", "basis", "address", "business", "access")
)
"""Words that end like plurals and are none."""


def attribute(name: str, taken: Collection[str]) -> str:
    """A Python name for a column or relationship, unlike those in ``taken``."""
    words = re.sub(r"\W+", "_", name).strip("_") or "column"
    words = f"c_{words}" if words[0].isdigit() else words
    words = words.removeprefix("__")
    reserved = keyword.iskeyword(words) or words in MODULES or words in _OF_BASE or words in _BUILTINS
    return distinct(f"{words}_" if reserved else words, taken)


def class_name(table: str, taken: Collection[str]) -> str:
    """The name of a class: ``order_lines`` -> ``OrderLine``."""
    words = [word for word in re.split(r"[\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", table)) if word]
    if words:
        words[-1] = singular(words[-1])
    name = "".join(word[0].upper() + word[1:] for word in words) or "Model"
    name = f"Table{name}" if name[0].isdigit() else name
    return distinct(f"{name}_" if keyword.iskeyword(name) or name in MODULES else name, taken)


def singular(word: str) -> str:
    """An English noun in the singular, where its ending tells."""
    lower = word.lower()
    if lower in _INVARIANT or not lower.endswith("s") or lower.endswith(("ss", "us", "is")) or len(word) < 3:
        return word
    if lower.endswith("ies") and len(word) > 4:
        return word[:-3] + ("y" if word.islower() or word.istitle() else "Y")
    if lower.endswith(("sses", "shes", "ches", "xes", "zzes", "tuses", "buses", "iases")):
        return word[:-2]
    return word[:-1]


def distinct(name: str, taken: Collection[str]) -> str:
    """``name``, with a number if it is taken."""
    number, candidate = 2, name
    while candidate in taken:
        candidate = f"{name}{'' if name.endswith('_') else '_'}{number}"
        number += 1
    return candidate
