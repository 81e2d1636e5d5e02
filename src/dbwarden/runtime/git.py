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
        return next((name for name in _BASES if _exists(folder, f"{name}^{{commit}}")), None)
    except GitFailed:
        return None


def _exists(folder: Path, name: str) -> bool:
    """Whether git knows an object of this name."""
    try:
        _git(folder, "rev-parse", "--verify", "--quiet", name)
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


def names_in(folder: Path, base: str) -> frozenset[str]:
    """Names of the files that ``folder`` has in ``base``, a branch or commit. Raises ``GitFailed``."""
    if base.startswith("-"):
        raise GitFailed(base=base, reason="that is not the name of a commit")
    _git(folder, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", base=base)
    tree = f"{base}:{_git(folder, 'rev-parse', '--show-prefix', base=base).strip()}"
    present = (
        _git(folder, "ls-tree", "-z", "--name-only", "--full-tree", tree, base=base) if _exists(folder, tree) else ""
    )
    return frozenset(name for name in present.split("\0") if name)


def merge_texts(ours: Path, base: Path, theirs: Path) -> None:
    """Merge two texts line by line into ``ours``, with conflict markers. Raises ``GitFailed``."""
    labels = [word for label in ("ours", "base", "theirs") for word in ("-L", label)]
    try:
        done = subprocess.run(
            ["git", "merge-file", *labels, str(ours), str(base), str(theirs)], capture_output=True, check=False
        )
    except OSError as error:
        raise GitFailed(f"{ours} cannot be merged: git cannot be run: {error.strerror}") from error
    if done.returncode > 127:  # up to 127 it is the number of conflicts (manual, git-merge-file)
        raise GitFailed(f"{ours} cannot be merged: {done.stderr.decode(errors='replace').strip()}")


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
