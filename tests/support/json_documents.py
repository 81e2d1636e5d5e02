"""Compares every JSON document that a test prints with the schema in the documentation."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from docs.json_documents import REPORTS, file_of, strict


def require_schema(argv: Sequence[str], output: str) -> None:
    """Fails if the output of a command is a JSON document and not as its schema says.

    A schema lets documents have more fields than it knows; here they must be described. Output in which a warning on stderr
    stands before the document is no document.
    """
    command = command_of(argv)
    try:
        document, _ = json.JSONDecoder().raw_decode(output)
    except ValueError:
        return
    if command is None or not isinstance(document, dict) or "$schema" in document:  # SARIF has a schema of its own
        return
    for part, shape in parts(command, document):
        if "--watch" in argv:  # a moment and the lock beside each report
            part = {name: value for name, value in part.items() if name not in ("at", "lock")}
        errors = sorted(validator(command, shape).iter_errors(part), key=str)
        problems = "\n".join(f"{error.json_path}: {error.message[:500]}" for error in errors)
        assert not errors, f"dbwarden {' '.join(argv)}: not as {file_of(command).name} says\n{problems}"


def command_of(argv: Sequence[str]) -> str | None:
    """The command in a command line: ``status``, ``seed apply``."""
    words = [word for word in argv if not word.startswith("-")]
    pairs = [" ".join(pair) for pair in pairwise(words)]
    return next((name for name in (*pairs, *words) if name in REPORTS), None)


def parts(command: str, document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The documents in a document, each with its shape: those of several databases, or the one."""
    several = any(shape.get("required") == ["databases"] for shape in schema(command)["anyOf"])
    for part in document["databases"] if several and "databases" in document else [document]:
        problem = part.get("error")
        if isinstance(problem, dict):
            yield part, "failure"
        else:
            # With --per-node, the host stands in front of each report.
            yield {name: value for name, value in part.items() if name != "host" or "pid" in part}, "report"


@functools.cache
def schema(command: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file_of(command).read_text())
    return content


@functools.cache
def validator(command: str, shape: str) -> Any:
    """The validator of a shape of documents. One for each lets an error say what is wrong."""
    from jsonschema import Draft202012Validator

    whole = schema(command)
    if shape == "failure":
        wanted = strict(whole["anyOf"][-1])
        wanted["properties"]["database"] = {"type": "string"}
    else:
        wanted = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in REPORTS[command]]}
        wanted = wanted["anyOf"][0] if len(REPORTS[command]) == 1 else wanted
    return Draft202012Validator({**wanted, "$defs": strict(whole["$defs"])})
