"""URLs in environment variables."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from dbwarden.core.engine import SCHEMES
from dbwarden.core.url import Url

from .project import Address
from .text import variables_read


def is_url(text: str) -> bool:
    """Whether a text is the URL of a known engine."""
    try:
        return Url.parse(text).scheme in SCHEMES
    except ValueError:
        return False


def address_in_environment(tree: ast.AST, environ: Mapping[str, str]) -> Address | None:
    """The URL in the only environment variable with one that a program reads."""
    names = [name for name in variables_read(tree) if is_url(environ.get(name, ""))]
    return address_of(names[0], environ) if len(names) == 1 else None


def address_of(name: str, environ: Mapping[str, str]) -> Address:
    """The URL in an environment variable, which ``warden.py`` refers to."""
    return Address(environ[name], f"the environment variable {name}", f"${{{name}}}")
