"""The FastAPI example as its README says: migrated, started by a real server, asked, tested."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.process import free_port

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/fastapi_app"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "app", ignore=shutil.ignore_patterns("*.db", "__pycache__", "migrations"))
    return tmp_path / "app"


def python(folder: Path, *argv: str, code: int = 0) -> str:
    done = subprocess.run([sys.executable, "-m", *argv], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the application behind uvicorn, once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(port), "--log-level", "warning"]
    with subprocess.Popen(command, cwd=folder) as server:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def ask(url: str, body: dict[str, str] | None = None) -> tuple[int, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    for _ in range(300):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, None
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_readme(folder: Path) -> None:
    commands = re.findall(r"^dbwarden (.+)$", (folder / "README.md").read_text(), re.MULTILINE)
    assert commands == ['make-migrations "notes"', "migrate"]
    refused = python(folder, "uvicorn", "app.main:app", "--port", str(free_port()), "--log-level", "warning", code=3)
    assert "There is no migrations folder" in refused or "SchemaNotCurrent" in refused
    for command in commands:
        python(folder, "dbwarden", *command.replace('"', "").split())
    with served(folder) as address:
        assert ask(f"{address}/notes", {"text": "hello"}) == (201, {"id": 1, "text": "hello"})
        assert ask(f"{address}/notes") == (200, [{"id": 1, "text": "hello"}])
        status, health = ask(f"{address}/health/schema")
        assert status == 200 and isinstance(health, dict) and health["status"] == "ok"
    plain = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-c", "/dev/null", "--rootdir", ".")
    assert "7 passed" in python(folder, "pytest", "--dbwarden", "-q", *plain)
