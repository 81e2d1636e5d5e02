"""Plant every bug of the catalogue, or those that are named, and report which of them the tests catch."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .catalogue import MUTATIONS
from .mutation import ROOT, Mutation

_COPIED = ("src", "tests", "docs", "examples", "pyproject.toml", "README.md", "mkdocs.yml", "Makefile")
_FAILED = 1
"""pytest's exit code for tests that failed; everything else but 0 is a mistake in the catalogue."""
_FAILURE = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
"""A test that failed, or a fixture of one that checks what it leaves behind."""
_LIMIT = 600
"""Seconds that the tests of one mutation may take."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every bug was caught, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="the mutations to run; all without")
    names = parser.parse_args(arguments).slugs
    unknown = set(names) - {mutation.slug for mutation in MUTATIONS}
    if unknown:
        parser.error(f"no mutation is called {', '.join(sorted(unknown))}")
    mutations = [mutation for mutation in MUTATIONS if not names or mutation.slug in names]
    caught = sum(_run(mutation) for mutation in mutations)
    print(f"{caught} of {len(mutations)} planted bugs caught")
    return 0 if caught == len(mutations) else 1


def _run(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory(prefix="dbwarden-mutation-") as folder:
        root = Path(folder)
        _copy(root)
        (root / "src" / "dbwarden" / mutation.path).write_text(mutation.apply(), encoding="utf-8")
        process = _pytest(root, mutation.tests)
    failures = _FAILURE.findall(process.stdout)
    caught = process.returncode == _FAILED and bool(failures)
    shown = failures[0] if caught else _reason(process)
    print(f"{'caught' if caught else 'NOT CAUGHT':<10} {mutation.slug}: {shown}", flush=True)
    return caught


def _pytest(root: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = ["timeout", "-k", "10", str(_LIMIT), sys.executable, "-m", "pytest"]
    return subprocess.run(
        [*command, "-q", "-x", "-p", "no:cacheprovider", "--tb=no", *tests],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
    )


def _reason(result: subprocess.CompletedProcess[str]) -> str:
    last = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()][-1:]
    return f"pytest ended with {result.returncode}: {' '.join(last)}"


def _copy(target: Path) -> None:
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)


if __name__ == "__main__":
    sys.exit(main())
