"""Runs ``cut_at_message`` as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support import kill_tests
from tests.support.command import environment

ROOT = Path(__file__).parents[2]


def disturbed(folder: Path, specification: Mapping[str, object], **variables: str) -> dict[str, Any]:
    """What was tried and what was wrong. The fields of ``specification`` are those of ``cut_at_message.Specification``."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.cut_at_message", folder, json.dumps(specification)],
        cwd=ROOT, env=environment(**variables), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def report(record_property: kill_tests.Record, what: str, outcome: Mapping[str, Any]) -> None:
    """Leave word of what was tried."""
    crashes = f" ({outcome['crashes']} crashes of the server)" if outcome["crashes"] else ""
    words = f"{what}: {outcome['messages']} messages, disturbed at {outcome['tried']} points{crashes}, {outcome['asked']} questions"
    kill_tests.record(record_property, words, outcome["tried"], len(outcome["wrong"]))
