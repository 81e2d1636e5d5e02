"""Finds the texts that name what is renamed: some engines leave the text of a view, trigger, routine or event as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from .change import Rename
from .model import Definition
from .sqltext import LexicalRules
from .tokens import NAMES, readable, unquoted
from .types import Ref


def texts_with_old_names(
    definitions: Iterable[Definition], renames: Sequence[Rename], kinds: Collection[str], rules: LexicalRules
) -> Mapping[Rename, tuple[Ref, ...]]:
    """The definitions of ``kinds`` that name what is renamed, by renamed table or column; none for a rename without any.

    A text that names a column also names its table, or is that of a trigger on it. It may mean another table's column.
    """
    words = {item: _words(item, rules) for item in definitions if item.kind in kinds}
    naming: dict[Rename, tuple[Ref, ...]] = {}
    former: dict[str | None, str] = {}
    """Names of tables before the renames, by their names afterwards."""
    for rename in renames if words else ():
        old, new = rename.old, rename.new
        refs: tuple[Ref, ...] = ()
        if old.kind == "table":
            former[new.name] = former.get(old.name, old.name)
            refs = tuple(item.ref for item, counts in words.items() if _names_table(item, counts, former[new.name]))
        elif old.kind == "column" and old.name.casefold() != new.name.casefold():
            table = former.get(old.table, old.table or "")
            refs = tuple(item.ref for item, counts in words.items() if _names_column(item, counts, table, old.name))
        if refs:
            naming[rename] = refs
    return naming


def _words(definition: Definition, rules: LexicalRules) -> Counter[str]:
    tokens = readable(definition.sql.text, rules)
    return Counter(unquoted(token, rules).casefold() for token in tokens if token.kind in NAMES)


def _names_table(definition: Definition, words: Counter[str], table: str) -> bool:
    own = definition.on is not None and definition.on.name == table  # the server keeps a trigger on its table
    return words[table.casefold()] > own


def _names_column(definition: Definition, words: Counter[str], table: str, column: str) -> bool:
    own = definition.on is not None and definition.on.name == table
    return words[column.casefold()] > 0 and (own or words[table.casefold()] > 0)
