"""Small readings of Python's syntax trees: names, texts, annotations."""

from __future__ import annotations

import ast
import re

_MANY = frozenset(
    "list List Sequence set Set Iterable Iterator Collection tuple Tuple frozenset AsyncIterator AsyncIterable Generator"
    " AsyncGenerator ScalarResult WriteOnlyMapped DynamicMapped Query InstrumentedList deque".split()
)
"""Annotations of what gives items one by one."""

Place = tuple[int, int]
"""Line (1-based) and offset in it, in bytes of UTF-8 as the syntax tree counts."""


def last_name(node: ast.expr | None) -> str:
    """``Column`` of ``sa.Column``; empty for what has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.expr | None) -> str | None:
    """The value of a string constant."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((word.value for word in call.keywords if word.arg == name), None)


def snake(name: str) -> str:
    """``OrderItem`` -> ``order_item``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def whole_word(name: str) -> str:
    """A pattern for a name as a whole word."""
    return rf"(?<!\w){re.escape(name)}(?!\w)"


def start_of(node: ast.expr) -> Place:
    """Place where the text of a string constant begins, or that of the node."""
    return node.lineno, node.col_offset + (text_of(node) is not None)


def text_parts(node: ast.expr) -> list[str | ast.expr]:
    """The texts of strings that are added or formatted, and the expressions between them."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return [text_of(part) or part for part in parts]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*text_parts(left), *text_parts(right)]
        case ast.BinOp(left=left, op=ast.Mod()):
            return text_parts(left)
    return [node]


def items_of(node: ast.expr) -> list[ast.expr]:
    """The elements of a list, tuple or set, or the node itself."""
    return node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]


def annotated_class(annotation: ast.expr | None) -> tuple[ast.expr | None, bool]:
    """The class that an annotation such as ``Mapped[list["Order"]]`` is about, and whether there are many of it."""
    many = False
    while annotation is not None:
        text = text_of(annotation)
        if text is not None:
            try:
                annotation = ast.parse(text, mode="eval").body
            except SyntaxError:
                return None, many
        elif isinstance(annotation, ast.Subscript):
            many = many or last_name(annotation.value) in _MANY
            inner = annotation.slice
            annotation = _argument(inner.elts) if isinstance(inner, ast.Tuple) and inner.elts else inner
        elif isinstance(annotation, ast.BinOp):
            left = annotation.left
            annotation = annotation.right if isinstance(left, ast.Constant) and left.value is None else left
        else:
            break
    return annotation, many


def _argument(nodes: list[ast.expr]) -> ast.expr:
    """The argument that matters in ``tuple[User, ...]``, ``Annotated[User, ...]`` and ``dict[str, User]``."""
    return nodes[1] if last_name(nodes[0]) in ("str", "int", "UUID") and len(nodes) > 1 else nodes[0]
