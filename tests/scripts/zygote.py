"""Runs command lines in forked children of a process that has everything imported: as isolated as a subprocess, and quick.

Reads one JSON request a line (argv, cwd, env); answers with one JSON line (output, code). stdout and stderr are one pipe,
as a person sees them.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def _preload() -> None:
    import sqlalchemy.orm  # noqa: F401

    import dbwarden.cli.app
    import dbwarden.dialects.postgresql.dialect
    import dbwarden.dialects.sqlite.dialect
    import dbwarden.models

    for name in dbwarden.cli.app.COMMANDS:
        __import__(f"dbwarden.cli.{name.replace('-', '_')}")
    for name in ("migrate", "rollback", "status", "make_migrations", "diff", "check_db", "lock"):
        __import__(f"dbwarden.api.{name}")


def _child(request: dict[str, Any], pipe: int) -> None:
    code = 70
    try:
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (pipe, 1), (pipe, 2)):
            os.dup2(source, target)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        from dbwarden.cli.app import run

        code = run(request["argv"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    _preload()
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _child(json.loads(line), writing)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
            output = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        answers.write(json.dumps({"output": output, "code": code}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
