"""Account of the operating system under which a local server runs; most servers refuse to run as root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Account:
    """Account for running programs: the current user, or an unprivileged one for root."""

    user: int | None = None
    group: int | None = None

    @classmethod
    def unprivileged(cls, *names: str) -> Account | None:
        """The current user; for root the first of ``names`` and ``nobody`` that exists, ``None`` if none does."""
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            return cls()
        import pwd  # not on Windows

        for name in (*names, "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        return None

    @property
    def is_root(self) -> bool:
        """Whether programs run as root."""
        return self.user in (None, 0) and hasattr(os, "geteuid") and os.geteuid() == 0

    def may_run(self, program: Path) -> bool:
        """Whether the account may execute a program: a folder above it may be another user's alone."""
        if self.user is None:
            return True
        try:
            subprocess.run(
                ("/bin/sh", "-c", 'test -x "$1"', "sh", str(program)), cwd="/", check=True, timeout=10,
                user=self.user, group=self.group, extra_groups=self._groups,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return False
        return True

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def spawn(self, argv: Sequence[str], folder: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a program as the account, in a session of its own, so that Ctrl-C on the terminal does not end it."""
        return subprocess.Popen(
            argv, cwd=folder, env=self._environment(folder), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            user=self.user, group=self.group, extra_groups=self._groups, start_new_session=True,
        )  # fmt: skip

    def run(
        self, argv: Sequence[str], folder: Path, timeout: float, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the account to its end. Raises ``OSError``, ``subprocess.TimeoutExpired``."""
        return subprocess.run(
            argv, cwd=folder, env=self._environment(folder), input=stdin, capture_output=True, text=True,
            timeout=timeout, check=False, user=self.user, group=self.group, extra_groups=self._groups,
        )  # fmt: skip

    @property
    def _groups(self) -> list[int] | None:
        return None if self.user is None else []

    def _environment(self, folder: Path) -> dict[str, str]:
        return {**os.environ, "HOME": str(folder), "LC_ALL": "C"}
