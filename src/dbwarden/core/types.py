"""References, column types and SQL expressions as values, and the parser for type strings."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from . import kinds


class Ref(NamedTuple):
    """Identity of a schema object: key in a ``Schema``, vertex in the dependency graph, text in messages.

    ``schema`` is ``None`` for the connection's default schema. ``table`` is set for parts of a table (column, constraint,
    index, trigger, policy).
    """

    kind: str
    name: str
    schema: str | None = None
    table: str | None = None

    def __str__(self) -> str:
        path = ".".join(part for part in (self.schema, self.table, self.name) if part)
        return f"{kinds.title(self.kind)} {path}"

    @property
    def owner(self) -> Ref:
        """The container of a part: the table of a column or an index, the enum of a value; otherwise the ref itself."""
        if self.table is None:
            return self
        return Ref(kinds.of(self.kind).container or "table", self.table, self.schema)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """A tuple without ``None`` to sort by."""
        return (self.schema or "", self.table or "", self.kind, self.name)


@dataclass(frozen=True, slots=True)
class DataType:
    """``name(args) modifiers [][]``: a type as the server names it, lower case unless quoted.

    ``array`` is the number of dimensions. ``modifiers`` follow the arguments (``with time zone``, ``unsigned``). ``ref`` is set
    for a user-defined type (an enum or domain of the schema).
    """

    name: str
    args: tuple[str, ...] = ()
    array: int = 0
    modifiers: str = ""
    ref: Ref | None = None

    def __str__(self) -> str:
        text = f"{self.name}({','.join(self.args)})" if self.args else self.name
        if self.modifiers:
            text = f"{text} {self.modifiers}"
        return text + "[]" * self.array


def fold_case(name: str) -> str:
    """``name`` with its ASCII letters in lower case, as SQLite compares names (``Ä`` and ``ä`` are different)."""
    return name.lower() if name.isascii() else name.translate(_SMALL)


_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True, slots=True)
class NameRules:
    """Rules for the names in an expression."""

    caseless: bool = False
    """Whether the case of names is ignored, even in quotes; the keys of expressions have them in lower case."""
    reserved: frozenset[str] = frozenset()
    """Words that are names only if quoted."""
    quote: str = '"'
    """Quote around other names than plain words; doubled inside."""


_EXACT = NameRules()


@dataclass(frozen=True, slots=True)
class Expression:
    """SQL text of a default, check, predicate or body: printed as ``text``, compared by ``key``.

    A dialect's ``canonical`` sets ``key`` to the normalised tokens, ``normalize_on_server`` to the server's own form. So the
    file has the author's text, which still equals the one in the catalogue.
    """

    text: str = field(compare=False)
    key: str = ""
    names: NameRules = field(default=_EXACT, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.key:
            object.__setattr__(self, "key", self.text)

    def __str__(self) -> str:
        return self.text

    def renamed(self, old: str, new: str) -> Expression:
        """The expression after a column got a new name, as engines rewrite it themselves: literals stay as they are."""
        in_key = fold_case(new) if self.names.caseless else new
        key = _renamed(self.key, old, in_key, self.names)
        return Expression(_renamed(self.text, old, new, self.names), key, self.names)

    def retyped(self, old: Ref, new: Ref) -> Expression:
        """The expression after a type got a new name or schema: casts to it, as engines rewrite them."""
        text, key = (_retyped(text, old, new, self.names) for text in (self.text, self.key))
        return self if text == self.text else Expression(text, key, self.names)

    def relabelled(self, old: str, new: str) -> Expression:
        """The expression with the string literal ``old`` turned into ``new``."""
        before, now = ("'" + label.replace("'", "''") + "'" for label in (old, new))
        text, key = (
            _NAME.sub(lambda match: now if match[0] == before else match[0], text) for text in (self.text, self.key)
        )
        return Expression(text, key, self.names)


_NAME = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^\W\d][\w$]*""")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def _written(name: str, rules: NameRules) -> str:
    return name if _PLAIN.match(name) and name not in rules.reserved else _quoted(name, rules)


def _retyped(text: str, old: Ref, new: Ref, rules: NameRules) -> str:
    if "::" not in text:
        return text
    name = f"(?:{re.escape(old.name)}|{re.escape(_quoted(old.name, rules))})"
    place = f"(?:{re.escape(old.schema)}|{re.escape(_quoted(old.schema, rules))})\\." if old.schema else ""
    written = ".".join(_written(part, rules) for part in (new.schema, new.name) if part is not None)
    pattern = rf"('(?:[^']|'')*')|::\s*{place}{name}(?![\w$.\"])"
    return re.sub(pattern, lambda match: match[1] or f"::{written}", text)


def _quoted(name: str, rules: NameRules) -> str:
    quote = rules.quote
    return quote + name.replace(quote, quote + quote) + quote


def _renamed(text: str, old: str, new: str, rules: NameRules) -> str:
    written = _written(new, rules)

    def swap(match: re.Match[str]) -> str:
        word = match.group()
        quoted = word[0] in '"`'
        name = word[1:-1] if quoted else word
        if rules.caseless:
            same = fold_case(name) == fold_case(old)
        else:
            same = name == old or (not quoted and name.lower() == old)
        if not same:
            return word
        return word[0] + new + word[0] if quoted else written

    return _NAME.sub(swap, text)


_ARRAY = re.compile(r"(\[\d*\]\s*)+$")
_QUOTED = re.compile(r"\s*(\"(?:[^\"]|\"\")+\"(?:\.\"(?:[^\"]|\"\")+\")?)")


@lru_cache(maxsize=4096)
def parse_type(text: str) -> DataType:
    """Parse a type string such as ``TIMESTAMP(3) WITH TIME ZONE``, ``numeric(10, 2)[]`` or ``enum('a','b')``.

    Unquoted names and modifiers become lower case, white space is collapsed, and arguments keep their text. Aliases (``int4``,
    ``bool``) are left to the dialect.
    """
    text = text.strip()
    dimensions = 0
    match = _ARRAY.search(text)
    if match:
        dimensions = match.group().count("[")
        text = text[: match.start()].rstrip()
    quoted = _QUOTED.match(text)
    if quoted:
        name, rest = quoted.group(1), text[quoted.end() :].strip()
    else:
        opening = text.find("(")
        if opening < 0:
            return DataType(" ".join(text.lower().split()), array=dimensions)
        name, rest = " ".join(text[:opening].lower().split()), text[opening:]
    if not rest.startswith("("):
        return DataType(name, array=dimensions, modifiers=" ".join(rest.lower().split()))
    closing = _closing(rest)
    return DataType(
        name,
        args=tuple(_arguments(rest[1:closing])),
        array=dimensions,
        modifiers=" ".join(rest[closing + 1 :].lower().split()),
    )


def _closing(text: str) -> int:
    depth, quote = 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return at
    return len(text)


def _arguments(text: str) -> list[str]:
    parts, depth, quote, start = [], 0, "", 0
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
