"""Runs command lines in forks (``tests/support/forked.py``) of a process that has everything imported, and nothing of a test:
as isolated as a subprocess, and quick.

One such process serves all tests of a worker. It reads one JSON request a line (argv or source, cwd, env, seconds) and answers
with one JSON line (output, code). stdout and stderr are one, as a person sees them.
"""

from __future__ import annotations

import atexit
import functools
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from tests.support.json_documents import require_schema

ROOT = Path(__file__).parents[2]


class Zygote:
    """The process whose children run the commands."""

    def __init__(self, python: str, modules: tuple[str, ...]) -> None:
        self.process = subprocess.Popen(
            [python, "-m", "tests.support.zygote", *modules], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, argv: list[str], cwd: Path, environment: Mapping[str, str], seconds: int = 60) -> tuple[str, int]:
        """Both outputs and the exit code; negative: the signal that ended the command, SIGALRM after ``seconds``."""
        output, code = self._answer({"argv": argv, "cwd": str(cwd), "env": dict(environment), "seconds": seconds})
        if "json" in {word.strip("-") for word in argv}:
            require_schema(argv, output)
        return output, code

    def execute(self, source: str, cwd: Path, environment: Mapping[str, str], seconds: int = 60) -> tuple[str, int]:
        """The same for Python source in place of the command."""
        return self._answer({"source": source, "cwd": str(cwd), "env": dict(environment), "seconds": seconds})

    def _answer(self, request: Mapping[str, object]) -> tuple[str, int]:
        assert self.process.stdin and self.process.stdout
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
def zygote(python: str = sys.executable, *modules: str) -> Zygote:
    """The worker's own, started by the first test that runs a command. It has also imported what ``modules`` need, which
    themselves are imported by the commands."""
    process = Zygote(python, modules)
    atexit.register(process.close)
    return process


def _import_needs(modules: Sequence[str]) -> None:
    """Import the modules, and forget these again: what they have imported stays."""
    for name in modules:
        import_module(name)
    for name in modules:
        del sys.modules[name]


def _execute(argv: list[str]) -> int:
    """What ``python -c SOURCE`` does."""
    sys.path.insert(0, "")
    exec(compile(argv[0], "<string>", "exec"), {"__name__": "__main__"})
    return 0


def main() -> None:
    from tests.support.forked import BIN, app, run_forked

    _import_needs(sys.argv[1:])
    sys.path[0] = str(BIN)  # as for the script, so that a project does not import from here
    for line in sys.stdin:
        request = json.loads(line)
        program, argv = (_execute, [request["source"]]) if "source" in request else (app.run, request["argv"])
        output, _, code = run_forked(
            Path(request["cwd"]), argv, request["env"], program=program, seconds=request["seconds"], together=True
        )
        print(json.dumps({"output": output, "code": code}), flush=True)


if __name__ == "__main__":
    main()
