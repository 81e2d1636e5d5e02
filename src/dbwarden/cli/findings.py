"""Output of the findings of ``check``, grouped by file: severity and text, advice, then place and rule."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from .view import View, shortened, shown_path

if TYPE_CHECKING:
    from dbwarden.api.check import CheckFinding

SEVERITY_STYLES = {"SAFE": "green", "INFO": "cyan", "WARN": "yellow", "CRITICAL": "bold red"}
_INDENT = 12
"""Width of ``  CRITICAL  ``; further lines of a finding are indented by it."""
_LONGEST = 100


def show_findings(view: View, findings: Iterable[CheckFinding]) -> None:
    """Show a heading for each file, its findings below it, and an empty line at the end."""
    for place, group in groupby(findings, file_of):
        view.heading(place)
        for finding in group:
            view.wrapped(f"  {finding.severity:<8}  {finding.message}", _INDENT, SEVERITY_STYLES[finding.severity])
            view.wrapped(" " * _INDENT + finding.advice, _INDENT)
            view.line(" " * _INDENT + _location(view, finding))
        view.gap()


def file_of(finding: CheckFinding) -> str:
    """Path of the file relative to the working directory; ``models`` for a finding in the difference to the models."""
    return finding.file if finding.path is None else shown_path(finding.path)


def place_of(finding: CheckFinding) -> str:
    """Path and line, ``migrations/primary/0002_x.sql:7``, which editors and terminals can open."""
    return file_of(finding) if finding.path is None else f"{file_of(finding)}:{finding.line}"


def _location(view: View, finding: CheckFinding) -> str:
    """Place, beginning of the statement (as much as the line has room for) and rule."""
    from dbwarden.api.check import source_line

    rule = f"[{finding.rule}]"
    if finding.path is None:
        return rule
    place, text = place_of(finding), source_line(finding)
    room = (view.width or _INDENT + len(place) + len(rule) + 4 + _LONGEST) - _INDENT - len(place) - len(rule) - 4
    return f"{place}: {shortened(text, room)}  {rule}" if text and room >= 10 else f"{place}  {rule}"
