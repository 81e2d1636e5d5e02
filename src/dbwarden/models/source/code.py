"""Python expressions as trees, laid out as Black and Ruff lay them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 88
INDENT = "    "
_PREFERRED = chr(34)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """``opening`` arguments ``closing``: a call, a list, a tuple or a dictionary."""

    opening: str
    arguments: tuple[Argument, ...]
    closing: str = ")"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument or item; ``label`` is ``name=`` or ``"key": `` or empty."""

    label: str
    value: Code


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A string literal of several lines between triple quotes, as far to the right as what surrounds it. Whoever reads it
    removes that margin."""

    text: str

    def lines(self, before: str, indent: str, behind: str) -> list[str]:
        raw = "r" if "\\" in self.text else ""
        inside = [f"{indent}{line}" if line else "" for line in self.text.split("\n")]
        return [f'{indent}{before}{raw}"""', *inside, f'{indent}"""{behind}']


Code = str | Enclosed | Paragraph
"""An expression: text that is never broken, a call that may be, or a text of several lines."""


def sql_text(text: str) -> Code:
    """A string literal with SQL: a paragraph if it has several lines, or one that is too long to stand among others."""
    plain = '"""' not in text and all(char.isprintable() or char in "\n\t" for char in text)
    return Paragraph(text) if plain and ("\n" in text or len(text) > WIDTH - 20) else quoted(text)


def call(function: str, *positional: Code, **named: Code | None) -> Enclosed:
    """``function(...)``; arguments that are ``None`` are left out."""
    arguments = [Argument("", value) for value in positional]
    arguments += [Argument(f"{name}=", value) for name, value in named.items() if value is not None]
    return Enclosed(f"{function}(", tuple(arguments))


def items(values: Iterable[Code]) -> Enclosed:
    """A list."""
    return Enclosed("[", tuple(Argument("", value) for value in values), "]")


def mapping(pairs: Iterable[tuple[str, Code]]) -> Enclosed:
    """A dictionary with texts as keys."""
    return Enclosed("{", tuple(Argument(f"{quoted(key)}: ", value) for key, value in pairs), "}")


def quoted(text: str) -> str:
    """A string literal in the quotes that Black prefers."""
    literal = repr(text)
    if literal.startswith("'") and _PREFERRED not in text:
        return _PREFERRED.join(("", literal[1:-1].replace("\\'", "'"), ""))
    return literal


def flat(code: Code) -> str:
    """The expression on one line."""
    if isinstance(code, str):
        return code
    if isinstance(code, Paragraph):
        return quoted(code.text)
    inside = ", ".join(one.label + flat(one.value) for one in code.arguments)
    return code.opening + inside + ("," if code.opening == "(" and len(code.arguments) == 1 else "") + code.closing


def lines(before: str, code: Code, indent: str = "", behind: str = "") -> list[str]:
    """The lines of ``before``, the expression and ``behind``. The arguments of a call that does not fit into ``WIDTH`` have a
    line of their own, or if that is too short, a line each."""
    if isinstance(code, Paragraph):
        return code.lines(before, indent, behind)
    one_line = f"{indent}{before}{flat(code)}{behind}"
    has_paragraph = _has_paragraph(code)
    if isinstance(code, str) or not code.arguments or (len(one_line) <= WIDTH and not has_paragraph):
        return [one_line]
    inner = indent + INDENT
    head, tail = f"{indent}{before}{code.opening}", f"{indent}{code.closing}{behind}"
    arguments = inner + ", ".join(one.label + flat(one.value) for one in code.arguments)
    if len(arguments) <= WIDTH and not has_paragraph and code.opening.endswith("(") and code.opening != "(":
        return [head, arguments, tail]
    broken = [line for one in code.arguments for line in lines(one.label, one.value, inner, ",")]
    return [head, *broken, tail]


def _has_paragraph(code: Code) -> bool:
    if isinstance(code, Enclosed):
        return any(_has_paragraph(one.value) for one in code.arguments)
    return isinstance(code, Paragraph)
