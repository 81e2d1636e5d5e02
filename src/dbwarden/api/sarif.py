"""Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code hosts show at the lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dbwarden.checks.run import all_rules

from .check import CheckFinding, CheckReport
from .rule_pages import page_of
from .version import installed

_LEVELS = {"INFO": "note", "WARN": "warning", "CRITICAL": "error"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(reports: Sequence[CheckReport]) -> dict[str, Any]:
    """SARIF document with one run per database; paths are relative to the project's folder."""
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report) for report in reports]}


def _run(report: CheckReport) -> dict[str, Any]:
    rules = [
        {
            "id": rule.slug,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.title},
            "helpUri": page_of(rule.slug),
            "help": {"text": rule.documentation, "markdown": rule.documentation},
        }
        for rule in all_rules()
    ]
    places = {rule["id"]: at for at, rule in enumerate(rules)}
    driver = {"name": "dbwarden", "version": installed("dbwarden") or "0", "rules": rules}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"dbwarden/{report.database}/"},
        "originalUriBaseIds": {"PROJECT": {"uri": f"{report.root.as_uri()}/"}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [{"level": "note", "message": {"text": note}} for note in report.notes],
            }
        ],
        "results": [_result(finding, places[finding.rule], report) for finding in report.findings],
    }


def _result(finding: CheckFinding, place: int, report: CheckReport) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": place,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}; {finding.advice}"},
        "locations": [_location(finding, report)],
    }


def _location(finding: CheckFinding, report: CheckReport) -> dict[str, Any]:
    if finding.path is None:
        name = f"database {report.database}"
        return {"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]}
    place = {"artifactLocation": _artifact(finding.path, report.root), "region": {"startLine": finding.line}}
    return {"physicalLocation": place}


def _artifact(path: Path, root: Path) -> dict[str, str]:
    if path.is_relative_to(root):
        return {"uri": quote(path.relative_to(root).as_posix()), "uriBaseId": "PROJECT"}
    return {"uri": path.absolute().as_uri()}
