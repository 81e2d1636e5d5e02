"""A copy of the source in which a test adds something, and a project that is run with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_LOAD = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("docs_check", {path!r})
sys.modules["docs_check"] = docs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(docs)
"""


@dataclass(frozen=True)
class Checkout:
    """Copies of ``src`` and of a project's folder, both below ``folder``."""

    folder: Path

    @classmethod
    def into(cls, folder: Path) -> Checkout:
        """A fresh copy. The compiled files come along: each command would compile all anew without them."""
        shutil.copytree(ROOT / "src", folder / "src")
        (folder / "project").mkdir()
        return cls(folder)

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def add(self, path: str, text: str) -> None:
        """A new file below ``src/dbwarden``."""
        target = self._path(path)
        target.parent.mkdir(exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)

    def insert(self, path: str, before: str, text: str) -> None:
        """``text`` in front of ``before``, which stands exactly once in the file."""
        source = self._path(path).read_text(encoding="utf-8")
        assert source.count(before) == 1, f"{path} contains {source.count(before)} times {before!r}"
        self._path(path).write_text(source.replace(before, text + before), encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        with self._path(path).open("a", encoding="utf-8") as file:
            file.write(text)

    def _path(self, path: str) -> Path:
        return self.folder / "src" / "dbwarden" / path

    def run(self, *argv: str, code: int = 0) -> str:
        """Both outputs of a command in the project, which has to end with ``code``."""
        return self._python("-m", "dbwarden", *argv, code=code)

    def python(self, program: str) -> str:
        """What a program prints that imports the copy."""
        return self._python("-c", program, code=0)

    def documentation(self, expression: str) -> str:
        """What an expression over ``docs/check.py``, as ``docs``, prints."""
        return self.python(f"{_LOAD.format(path=str(ROOT / 'docs' / 'check.py'))}print({expression})")

    def _python(self, *argv: str, code: int) -> str:
        path = os.pathsep.join((str(self.folder / "src"), str(ROOT)))
        done = subprocess.run(
            [sys.executable, *argv], cwd=self.project, text=True, check=False, timeout=60,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == code, f"{argv} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout
