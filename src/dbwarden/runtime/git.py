"""Queries to git about the files of a folder; nothing is fetched or changed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from dbwarden.errors import GitFailed

_BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


def default_base(folder: Path) -> str | None:
    """Name of the main branch, by the usual names; ``None`` outside a repository, and if git is not installed."""
    try:
        if not folder.is_dir() or _git(folder, "rev-parse", "--is-inside-work-tree").strip() != "true":
            return None
        return next((name for name in _BASES if _exists(folder, name)), None)
    except GitFailed:
        return None


def _exists(folder: Path, name: str) -> bool:
    try:
        _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except GitFailed:
        return False
    return True


def changed_since(folder: Path, base: str) -> frozenset[str]:
    """Names of the files in ``folder`` that were added or changed since the branch left ``base``, committed or not. Raises
    ``GitFailed``."""
    if base.startswith("-"):
        raise GitFailed(base=base, reason="that is not the name of a commit")
    began = _git(folder, "merge-base", base, "HEAD", base=base).strip()
    changed = _git(folder, "diff", "--name-only", "-z", "--diff-filter=d", "--relative", began, "--", ".", base=base)
    new = _git(folder, "ls-files", "-z", "--others", "--exclude-standard", "--", ".", base=base)
    return frozenset(name for name in (changed + new).split("\0") if name and "/" not in name)


def _git(folder: Path, *argv: str, base: str = "") -> str:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *argv],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitFailed(base=base, reason=f"git cannot be run: {error.strerror}") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitFailed(base=base, reason=lines[0] if lines else "there is no common ancestor")
    return done.stdout.decode(errors="surrogateescape")
