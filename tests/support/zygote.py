"""Runs command lines in forked children of a process that has everything imported: as isolated as a subprocess, and quick.

One such process serves all tests of a worker. It reads one JSON request a line (argv, cwd, env, seconds) and answers with one
JSON line (output, code). stdout and stderr are one pipe, as a person sees them.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


class Zygote:
    """The process whose children run the commands."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, argv: list[str], cwd: Path, environment: Mapping[str, str], seconds: int = 60) -> tuple[str, int]:
        """Both outputs and the exit code; negative: the signal that ended the command, SIGALRM after ``seconds``."""
        assert self.process.stdin and self.process.stdout
        request = {"argv": argv, "cwd": str(cwd), "env": dict(environment), "seconds": seconds}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["output"], answer["code"]

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@functools.cache
def zygote() -> Zygote:
    """The worker's own, started by the first test that runs a command."""
    process = Zygote()
    atexit.register(process.close)
    return process


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
    sys.path[0] = str(BIN)  # as for the script, so that a project does not import from here


def _child(request: dict[str, Any], pipe: int) -> None:
    code = 70
    try:
        signal.alarm(request["seconds"])
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (pipe, 1), (pipe, 2)):
            os.dup2(source, target)
        sys.argv = [str(BIN / "dbwarden"), *request["argv"]]
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        from dbwarden.cli.app import run

        code = run(request["argv"])
    except Exception:  # noqa: BLE001 - as the interpreter does with what nobody catches
        code = 1
        traceback.print_exc()
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
