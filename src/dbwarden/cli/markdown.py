"""Text of others in Markdown as GitHub and GitLab show it: names, statements and messages stay what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"[\\`*_{}\[\]()+!~^$]|(?<!\S)-(?=\s)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "#": "&#35;", "|": "&#124;"}
"""``@`` would notify somebody, ``#1`` would link to an issue, ``|`` would end a cell."""
_COLON = re.compile(r":(?=//|[\w+-]+:)")
"""The colon of an address, which would become a link, or of a name such as ``:x:``, which would become a picture."""
_TICKS = re.compile(r"`+")


def text(value: str) -> str:
    """``value`` as plain text on one line."""
    line = " ".join(value.split())
    escaped = "".join(_ENTITIES.get(c) or (f"\\{c}" if _SPECIAL.match(line, at) else c) for at, c in enumerate(line))
    return _COLON.sub("&#58;", escaped)


def prose(value: str) -> str:
    """``value`` as text in which what stands between backticks is code, as in advice and notes."""
    parts = value.split("`")
    if len(parts) % 2 == 0:
        return text(value)
    spans = (code(part) if at % 2 else _with_edges(part) for at, part in enumerate(parts))
    return "".join(spans).strip()


def _with_edges(part: str) -> str:
    """``text`` with the blanks at its ends, which separate it from code."""
    before, after = part[:1].isspace(), part[-1:].isspace() and part.strip() != ""
    return f"{' ' * before}{text(part)}{' ' * after}"


def code(value: str) -> str:
    """``value`` as a code span on one line."""
    line = " ".join(value.split())
    if not line:
        return ""
    longest = max((len(run) for run in _TICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    room = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{room}{line}{room}{fence}"


def link(label: str, url: str) -> str:
    """A link whose label is a code span."""
    return f"[{code(label)}]({url})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table; the cells are Markdown already."""
    return [_row(header), _row(["---"] * len(header)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    """A row. Within cells, a backslash escapes ``|`` in code spans too (GitHub Flavored Markdown, "Tables")."""
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
