"""CLI sessions as text files.

    # engines: sqlite                  (default: every engine with transactions, or a sample where no step is `# on:` some)
    # other: clickhouse                (the engine of @OTHER@; default: any)
    # bare                             (default: a warden.py for @URL@ with model_paths ["models.py"] is there)

    >>> models.py                      write a file, up to the next line that is not indented (the indent is cut off)
        from sqlalchemy import ...
    $ dbwarden status --exit-code      run it; below stands what it prints
    Database primary: 0 applied, ...   `...` in a line: any text, and spaces as wide as they like
    ...                                as a line of its own: any number of lines
    [exit 4]                           where it is not 0
    $ sql SELECT count(*) FROM users   on the database; one line a row
    $ rm migrations/primary/*.sql      anything else goes to the shell

    # on: mysql mariadb                the steps below are for these engines only, until another such line ...
    # on: every                        ... or this one

Text after a ``#`` at the start of a line is a comment. ``@URL@``, ``@ENGINE@`` and ``@FOLDER@`` are put in;
``@DRIVER_URL@`` is the URL with its driver, as SQLAlchemy needs it, ``@DATABASE@`` the name of its database, ``@OTHER@`` a fresh
database of another engine, ``@SLOW@`` a statement that takes some seconds.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import VENDORS, driver_url
from tests.support.zygote import zygote

WARDEN = """\
from dbwarden import database_config

primary = database_config(
    database_name="primary", default=True, database_type="@ENGINE@", database_url_sync="@URL@",
    model_paths=["models.py"],
)
"""

SLOW = {
    "postgresql": "SELECT pg_sleep(6);",
    "mysql": "SELECT SLEEP(8);",
    "mariadb": "SELECT SLEEP(8);",
    "clickhouse": "SELECT sleepEachRow(0.1) FROM numbers(60) SETTINGS max_block_size = 1;",
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 30000000) SELECT max(n) FROM c;",
}


@dataclass
class Step:
    """A file to write, or a command with what it is expected to print."""

    line: int
    command: str
    lines: list[str] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        return self.command.startswith(">>> ")

    @property
    def expected(self) -> tuple[list[str], int]:
        lines = list(self.lines)
        while lines and not lines[-1]:
            lines.pop()
        code = re.fullmatch(r"\[exit (\d+)\]", lines[-1]) if lines else None
        return (lines[:-1], int(code[1])) if code else (lines, 0)


def programs(engine: str) -> Iterator[str]:
    """The folder of the engine's programs, whose client makes backups, if the tests have them from a folder."""
    place = VENDORS[engine].find().place
    if place.startswith("/"):
        yield place


def parse(text: str, engine: str) -> Iterator[Step]:
    """The steps of a session that are for an engine."""
    step: Step | None = None
    wanted = True
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            only = re.fullmatch(r"# on: ([\w ]+)", line)
            wanted = not {"every", engine}.isdisjoint(only[1].split()) if only else wanted
            continue
        if not wanted:
            continue
        if line.startswith(("$ ", ">>> ")):
            if step:
                yield step
            step = Step(number, line)
        elif step:
            step.lines.append(line)
    if step:
        yield step


class Session:
    """One session in a folder, on a database."""

    def __init__(self, folder: Path, url: str, other: str = "") -> None:
        self.folder, self.url, self.other = folder, url, other
        self.engine = url.partition(":")[0]
        self.environment = {
            **os.environ,
            "PATH": ":".join((str(Path(sys.executable).parent), *programs(self.engine), os.environ["PATH"])),
            "COLUMNS": "200",
        }
        folder.mkdir(parents=True, exist_ok=True)

    def play(self, text: str, name: str) -> None:
        if not re.search(r"^# bare$", text, re.MULTILINE):
            self.write("warden.py", WARDEN)
        for step in parse(self.filled(text), self.engine):
            if step.writes:
                self.write(step.command[4:].strip(), _dedented(step.lines))
                continue
            output, code = self.run(step.command[2:])
            lines, expected = step.expected
            shown = f"{name}:{step.line}: {step.command}\n{output}[exit {code}]"
            assert code == expected, f"{shown}\n\nexpected [exit {expected}]"
            printed = [line.rstrip() for line in output.splitlines()]
            while printed and not printed[-1]:
                printed.pop()
            assert matches(lines, printed), f"{shown}\n\nexpected:\n" + "\n".join(lines)

    def filled(self, text: str) -> str:
        """``text`` with this session's names put in."""
        values = {
            "URL": self.url, "DRIVER_URL": driver_url(self.url), "OTHER": self.other, "ENGINE": self.engine,
            "FOLDER": str(self.folder), "SLOW": SLOW[self.engine], "DATABASE": self.url.rpartition("/")[2],
        }  # fmt: skip
        return re.sub(rf"@({'|'.join(values)})@", lambda match: values[match[1]], text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.filled(text))

    def run(self, command: str) -> tuple[str, int]:
        """Output and exit code of a command."""
        if command.startswith("dbwarden "):
            return zygote().run(shlex.split(command)[1:], self.folder, self.environment)
        if command.startswith("sql "):
            return self.sql(command[4:]), 0
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout, done.returncode

    def sql(self, statement: str) -> str:
        from dbwarden.api.connection import connect

        with connect(self.url) as conn:
            return "".join("|".join(map(str, row)) + "\n" for row in conn.query(statement))


def _dedented(lines: list[str]) -> str:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return "".join(f"{line[4:]}\n" for line in lines)


def matches(expected: list[str], printed: list[str]) -> bool:
    """Whether lines are as expected; see the top for ``...``."""
    if not expected:
        return not printed
    if expected[0].strip() == "...":
        return any(matches(expected[1:], printed[at:]) for at in range(len(printed) + 1))
    if not printed:
        return False
    return _same(expected[0].rstrip(), printed[0]) and matches(expected[1:], printed[1:])


def _same(expected: str, printed: str) -> bool:
    if "..." not in expected:
        return expected == printed
    pattern = ".*".join(re.escape(re.sub(r" +", " ", part)) for part in expected.split("..."))
    return re.fullmatch(pattern, re.sub(r" +", " ", printed)) is not None
