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
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(record_property: kill_tests.Record, what: str, found: Mapping[str, Any]) -> None:
    """Leave word of what was tried."""
    crashes = f" ({found['crashes']} crashes of the server)" if found["crashes"] else ""
    words = f"{what}: {found['messages']} messages, disturbed at {found['tried']} points{crashes}, {found['asked']} questions"
    kill_tests.record(record_property, words, found["tried"], len(found["wrong"]))
