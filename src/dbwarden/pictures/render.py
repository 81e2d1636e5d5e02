"""Jinja2 templates of the pictures. Everything in them is escaped, whatever it is called in the database."""

from __future__ import annotations

import re
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dbwarden.core.diagram import Diagram
from dbwarden.core.types import Ref

from .cards import HEADER, ROW
from .layout import layout

FOLDER = Path(__file__).parent / "templates"
# Neither XML nor HTML has the control characters. Those that turn the direction of text would show other names than there are.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def svg(diagram: Diagram, title: str) -> str:
    """A diagram as an SVG file of its own, light or dark as its reader prefers."""
    template = environment().get_template("standalone.svg.jinja")
    return template.render(
        layout=layout(diagram), labels=diagram.labels, title=title, css=styles("diagram.css"), **colors()
    )


def colors() -> dict[str, Markup]:
    """The values of all colours, light and dark, as CSS."""
    return {name: Markup(" ".join(text(f"diagram_{name}.css").split())) for name in ("light", "dark")}


def styles(*names: str) -> Markup:
    """Style sheets as one."""
    return Markup("\n".join(text(name).strip() for name in names))


def text(name: str) -> str:
    """A file of the templates as it is."""
    return (FOLDER / name).read_text("utf-8")


@cache
def environment() -> Environment:
    """The environment of all templates."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.globals.update(header=HEADER, row_height=ROW)
    made.filters["slug"] = slug
    return made


def _shown(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:g}" if value < 100_000 else f"{value:.1f}"
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def slug(ref: Ref | str) -> str:
    """Name of a table for addresses within a page: letters, digits and ``-``, different for different tables."""
    plain = ref if isinstance(ref, str) else ".".join(filter(None, (ref.schema, ref.name)))
    simple = re.sub(r"[^A-Za-z0-9_]+", "-", plain)
    exact = plain if isinstance(ref, str) else repr(ref)
    alike = simple == plain and (isinstance(ref, str) or ref.kind == "table")
    return simple if alike else f"{simple}-{zlib.crc32(exact.encode('utf-8', 'replace')):08x}"
