"""Pages of the documentation whose commands are typed as they stand there.

A page says on which engines: ``<!-- typed on: sqlite postgresql -->``. Then, from top to bottom, in an empty folder:

- a block ``console``: each line ``$ command`` is run, and the lines below it are what it prints. ``...`` stands for any text
  in a line, and as a line of its own for any number of lines. A last line ``[exit 5]`` names an exit code other than 0.
- a block with a title (```` ```python title="app/models.py" ````) is written to that file;
  behind ``<!-- compare -->`` it is compared with the file that a command has written.
- blocks in a tab (``=== "PostgreSQL"``) are for that engine only, other text is for people.

What differs from run to run (times, digests, this machine's names) is compared by its form. ``DBWARDEN_TEST_UPDATE=1`` writes
what was printed into the page: read it afterwards.
"""

from __future__ import annotations

import getpass
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.scripts.session import matches, programs
from tests.support.zygote import zygote

DOCS = Path(__file__).resolve().parents[2] / "docs"
UPDATE = os.environ.get("DBWARDEN_TEST_UPDATE") == "1"

ENGINES = re.compile(r"^<!-- typed on: ([\w ]+) -->$", re.MULTILINE)
TABS = {
    "SQLite": "sqlite",
    "PostgreSQL": "postgresql",
    "MySQL": "mysql",
    "MariaDB": "mariadb",
    "ClickHouse": "clickhouse",
}
FENCE = re.compile(r'^(?P<indent> *)```(?P<language>\w*)(?:[^\n"]*title="(?P<title>[^"]*)")?[^\n]*$')
TAB = re.compile(r'^(?P<indent> *)===[+!]? "(?P<name>[^"]+)"$')

SHELL = set("|><;$*")
"""Characters that a shell has to read."""
FORMS = (
    (re.compile(r"\b\d+ min \d+ s\b|\b\d+\.\d+ s\b|\b\d+ ms\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?Z?"), "MOMENT"),
    (re.compile(r"(?<!\d)\d{8}T\d{6}Z\b"), "MOMENT"),
    (re.compile(r"\b\d+(?:\.\d+)? (?:bytes|kB|MB)\b"), "SIZE"),
    (re.compile(r'"(?:\d+\.)+\d+[\w.+-]*"'), '"VERSION"'),
    (re.compile(r"\bdigest [0-9a-f]{16}\b"), "digest DIGEST"),
    (re.compile(r"\b[0-9a-f]{32,64}\b"), "DIGEST"),
    (re.compile(r"\bpid \d+\b"), "pid NUMBER"),
    (re.compile(r'("(?:duration|seconds|took|elapsed)\w*": )[\d.e-]+'), r"\1TIME"),
    (re.compile(r"\b(SQLite|sqlite|PostgreSQL|postgresql|MariaDB|mariadb|MySQL|mysql) \d+(?:\.\d+)+(?:-\w+)?"), r"\1 VERSION"),
    (re.compile(r"(?<=\S) {2,}"), "  "),
)  # fmt: skip
"""What differs from run to run, and its name in a comparison."""


@dataclass
class Step:
    """A file to write or to compare, or a command with what it prints."""

    kind: str
    text: str
    """The file's name, or the command."""
    start: int
    """Line of the page behind it, where its lines begin."""
    indent: int
    engine: str | None
    lines: list[str] = field(default_factory=list)

    @property
    def expected(self) -> tuple[list[str], int]:
        lines = _stripped(self.lines)
        code = re.fullmatch(r"\[exit (\d+)\]", lines[-1]) if lines else None
        return (_stripped(lines[:-1]), int(code[1])) if code else (lines, 0)


def engines_of(text: str) -> list[str]:
    """Engines on which a page is typed; none for most pages."""
    found = ENGINES.search(text)
    return found[1].split() if found else []


def typed_pages() -> Iterator[tuple[Path, str]]:
    for path in sorted(DOCS.rglob("*.md")):
        for engine in engines_of(path.read_text()):
            yield path, engine


def steps(text: str) -> Iterator[Step]:
    """The steps of a page, of every engine."""
    lines = text.splitlines()
    tabs: list[tuple[int, str]] = []
    number, compared = 0, False
    while number < len(lines):
        line = lines[number]
        width = len(line) - len(line.lstrip())
        if line.strip():
            tabs = [(indent, name) for indent, name in tabs if indent < width]
        if tab := TAB.match(line):
            tabs.append((len(tab["indent"]), tab["name"]))
        elif fence := FENCE.match(line):
            end = _end_of_block(lines, number + 1, fence["indent"])
            engine = next((TABS[name] for _, name in tabs if name in TABS), None)
            block = lines[number + 1 : end]
            yield from _steps_of_block(fence, block, number + 1, engine, compared)
            compared, number = False, end
        elif line.strip():
            compared = line.strip() == "<!-- compare -->"
        number += 1


def _end_of_block(lines: list[str], number: int, indent: str) -> int:
    while lines[number] != f"{indent}```":
        number += 1
    return number


def _steps_of_block(
    fence: re.Match[str], block: list[str], start: int, engine: str | None, compared: bool
) -> Iterator[Step]:
    width = len(fence["indent"])
    block = [line[width:] for line in block]
    if fence["title"]:
        yield Step("compare" if compared else "write", fence["title"], start, width, engine, block)
    elif fence["language"] == "console":
        yield from _commands(block, start, width, engine)


def _commands(block: list[str], start: int, width: int, engine: str | None) -> Iterator[Step]:
    step: Step | None = None
    for number, line in enumerate(block, start):
        if step and step.text.endswith("\\"):
            step.text = step.text[:-1] + line.strip()
            step.start = number + 1
        elif line.startswith("$ "):
            if step:
                yield step
            step = Step("run", line[2:], number + 1, width, engine)
        else:
            assert step, f"line {number + 1}: a console block begins with a command"
            step.lines.append(line)
    if step:
        yield step


class Reader:
    """Somebody who types what a page says, on one engine."""

    def __init__(self, folder: Path, engine: str, url: str) -> None:
        self.folder = folder / "home"
        self.folder.mkdir()
        self.home, self.engine, self.url = self.folder, engine, url
        self.python = Path(sys.executable).parent
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DBWARDEN_")},
            "PATH": ":".join((str(self.python), *programs(engine), os.environ["PATH"])),
            "COLUMNS": "200", "HOME": str(self.home), "PGOPTIONS": "", "PSQLRC": "/dev/null", "DATABASE_URL": url,
        }  # fmt: skip

    def read(self, page: Path) -> None:
        """Type the whole page."""
        text = page.read_text()
        printed: list[tuple[Step, list[str]]] = []
        for step in steps(text):
            if step.engine not in (None, self.engine):
                continue
            output = self.take(step, f"{page.relative_to(DOCS)}:{step.start}")
            if output is not None:
                printed.append((step, output))
        if UPDATE:
            page.write_text(_with_output(text, printed))

    def take(self, step: Step, place: str) -> list[str] | None:
        """One step. Returns the lines to which the page has to be changed."""
        path = self.folder / step.text
        if step.kind == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in step.lines))
            return None
        if step.kind == "compare":
            lines = path.read_text().splitlines()
            return self.compare(step.lines, lines, 0, 0, f"{place}: {step.text}")
        output, code = self.run(step.text)
        expected, wanted = step.expected
        return self.compare(expected, output.splitlines(), wanted, code, f"{place}: $ {step.text}")

    def compare(self, expected: list[str], lines: list[str], wanted: int, code: int, place: str) -> list[str] | None:
        lines = _stripped([self.as_shown(line).rstrip() for line in lines])
        if code == wanted and matches([*map(form, expected)], [*map(form, lines)]):
            return None
        if not UPDATE:
            shown = "\n".join(lines)
            raise AssertionError(
                f"{place}\n{shown}\n[exit {code}]\n\nexpected [exit {wanted}]:\n" + "\n".join(expected)
            )
        return [*lines, *([f"[exit {code}]"] if code else [])]

    def run(self, command: str) -> tuple[str, int]:
        """Output and exit code of a command line."""
        if change := re.fullmatch(r"cd (\S+)", command):
            self.folder = (self.folder / change[1]).resolve()
            return "", 0
        if setting := re.fullmatch(r"export (\w+)=(.*)", command):
            if setting[1] != "DATABASE_URL":  # that of the page is somebody else's server
                self.environment[setting[1]] = shlex.split(setting[2])[0]
            return "", 0
        words = shlex.split(command)
        if words[:3] == ["timeout", "--signal", "KILL"]:
            return self.run_killed(words[4:])
        if words[0] == "dbwarden" and not SHELL & set(command):
            return zygote().run(words[1:], self.folder, self.environment)
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.environment, text=True, check=False, timeout=120,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout, done.returncode if done.returncode >= 0 else 128 - done.returncode

    def run_killed(self, words: list[str]) -> tuple[str, int]:
        """``timeout --signal KILL 1 dbwarden ...``, on a machine of any speed: killed when it holds the lock and works."""
        process = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while '"active": true' not in zygote().run(["lock-status", "--json"], self.folder, self.environment)[0]:
            assert time.monotonic() < deadline and process.poll() is None, f"{words} never held the lock"
        time.sleep(0.5)
        process.kill()
        process.wait()
        return "Killed\n", 128 + signal.SIGKILL

    def as_shown(self, line: str) -> str:
        """``line`` with the names of an imaginary machine in place of this one's."""
        for real, shown in self.names():
            line = line.replace(real, shown)
        return line

    def names(self) -> Iterator[tuple[str, str]]:
        database = self.url.rpartition("/")[2]
        if self.engine != "sqlite":
            place = re.sub(r"(?<=://)[^/]*", "app@localhost", re.sub(r"\?.*", "", self.url))
            yield self.url, place.replace(database, "shop")
            for authority in {re.sub(r":[^:@/]*@", "@", part) for part in re.findall(r"(?<=://)[^/]*", self.url)}:
                yield authority, "app@localhost"
                yield authority.rpartition("@")[2], "localhost"
            yield database, "shop"
        yield str(self.home), "/home/me"
        yield f"{getpass.getuser()}@{socket.gethostname()}", "me@laptop"
        yield socket.gethostname(), "laptop"


def form(line: str) -> str:
    """A line as it is compared."""
    for pattern, name in FORMS:
        line = pattern.sub(name, line)
    return line


def _stripped(lines: list[str]) -> list[str]:
    """Lines without empty ones at the end."""
    lines = list(lines)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _with_output(text: str, printed: list[tuple[Step, list[str]]]) -> str:
    """A page in which these steps show what was printed."""
    lines = text.splitlines()
    for step, output in sorted(printed, key=lambda pair: pair[0].start, reverse=True):
        tail = len(step.lines) - len(_stripped(step.lines))  # the empty line before the next command stays
        indent = " " * step.indent
        new = [f"{indent}{line}" if line else "" for line in output]
        lines[step.start : step.start + len(step.lines) - tail] = new
    return "\n".join(lines) + "\n"
