"""Addresses of the rules' pages."""

from __future__ import annotations

_PAGES = "https://github.com/emiliano-gandini-outeda/DBWarden/blob/main/docs/rules"
"""Where the repository shows the documentation (``repo_url`` of mkdocs.yml)."""


def page_of(rule: str) -> str:
    """Address of the page of a rule."""
    return f"{_PAGES}/{rule}.md"
