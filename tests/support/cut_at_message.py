"""One scenario on PostgreSQL, cut or killed at messages of the protocol: run as a process of its own.

``python -m tests.support.cut_at_message FOLDER COMMAND POINTS [WHERE WORDS]`` (``POINTS``: how many, or ``all``). ``FOLDER``
is a project whose database is ``DATABASE_URL`` and whose ``chain.json`` lists the files in the order in which the command runs
them, each with its statements. With ``WORDS`` the command was killed before, inside or after (``WHERE``) the message that
contains them, and what is disturbed is the run that goes on behind that; without, what runs outside of a transaction is
disturbed beside the points. Every attempt is a fork of this process, which is the proxy meanwhile. Prints JSON: how many
messages the undisturbed run exchanges, how many points were tried, how many ended in a question, and what was wrong behind
which.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import psycopg2  # noqa: F401  the forks have it then

from dbwarden.api.lock import lock_status, unlock
from dbwarden.core.dialect import Liveness
from tests.support.command import environment
from tests.support.dump import pg_dump_binary
from tests.support.forked import run_forked
from tests.support.wire import Cut, Direction, Means, Proxy, Where

SCHEMA = """SELECT 'column', table_name || '.' || column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name NOT LIKE 'dbwarden%'
UNION ALL SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes JOIN pg_index ON indexrelid = indexname::regclass
WHERE schemaname = 'public' AND tablename NOT LIKE 'dbwarden%' AND indisvalid
ORDER BY 1, 2"""
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
JOURNAL = "SELECT migration, statement, state FROM dbwarden_journal ORDER BY id"
EVENTS = (
    """SELECT migration, event, statements_done, statements_total, rollback_sql FROM dbwarden_migrations ORDER BY id"""
)
SECONDS = 10
"""Within which a server notices that its client is gone."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the chain."""

    name: str
    statements: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.name if not self.name[:4].isdecimal() else self.name[:4]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a disturbed run ended."""

    cut: Cut
    output: str
    code: int


class Database:
    """The database of the scenario, which can be put back to how it was."""

    def __init__(self, url: str) -> None:
        self.url = url
        dump = subprocess.run(
            [pg_dump_binary(), "--inserts", "--no-owner", "--schema=public", url],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self._before = "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))

    def restore(self) -> None:
        with self.connected() as conn:
            conn.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({OTHERS}) AS o")  # type: ignore[call-overload]
            conn.execute("DROP SCHEMA public CASCADE")
            conn.execute(self._before)  # type: ignore[call-overload]

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url, autocommit=True) as conn:
            yield conn

    def settle(self) -> None:
        """Until no session works on."""
        end = time.monotonic() + SECONDS
        with self.connected() as conn:
            while conn.execute(OTHERS).fetchall():
                assert time.monotonic() < end, "a session of a client that is gone goes on"
                time.sleep(0.01)


def user_state(conn: psycopg.Connection[Any]) -> str:
    """Schema and rows, without indexes that are not valid."""
    schema = conn.execute(SCHEMA).fetchall()
    tables = sorted({name.partition(".")[0] for kind, name, _ in schema if kind == "column"})
    rows = {name: sorted(map(str, conn.execute(f'SELECT * FROM "{name}"'))) for name in tables}  # type: ignore[call-overload]
    return json.dumps([schema, rows])


def contents(database: Database) -> dict[str, Any]:
    """All that has to be as in the undisturbed run."""
    with database.connected() as conn:
        events = conn.execute(EVENTS).fetchall()
        return {
            "state": user_state(conn),
            "invalid": conn.execute(INVALID).fetchall(),
            "events": [event for event in events if event[0].isdecimal()],
            "repeatables": sorted({event for event in events if not event[0].isdecimal()}),
            "journal": conn.execute(JOURNAL).fetchall(),
            "locked": conn.execute("SELECT 1 FROM dbwarden_lock WHERE locked").fetchall(),
        }


# -- what is claimed ----------------------------------------------------------------------------------------------

_NAMED = re.compile(r"Error: ([\w.]+\.sql):\d+: ")
_FINISHED = re.compile(r"^(?:Applied|Rolled back) ([\w.]+\.sql)", re.MULTILINE)
_REMAIN = re.compile(r"Statements? 1(?: to (\d+))? of \d+ remains? in effect")
_DOUBT = re.compile(r"Whether statements? (\d+)(?: to (\d+))? (?:was committed|were committed|had its effect)")
_STEP = re.compile(r"statement (\d+) of (\d+)")


class Chain:
    """The files in the order in which they run, and the database behind each of their statements."""

    def __init__(self, folder: Path, database: Database) -> None:
        listed = json.loads((folder / "chain.json").read_text())
        self.files = [File(name, tuple(statements)) for name, statements in listed]
        self.first = [0, *accumulate(len(file.statements) for file in self.files)]
        self.before = {0}
        """The positions of the database before the run."""
        with database.connected() as conn:
            self.states = [user_state(conn)]
            for file in self.files:
                for sql in file.statements:
                    conn.execute(sql)  # type: ignore[call-overload]
                    self.states.append(user_state(conn))

    def positions(self, state: str) -> set[int]:
        """How many statements have had their effect; several, where one changes nothing."""
        return {at for at, one in enumerate(self.states) if one == state}

    def refuted(self, output: str, positions: set[int]) -> str | None:
        """The claim that is not true."""
        names, finished = [file.name for file in self.files], _FINISHED.findall(output)
        behind = names.index(finished[-1]) + 1 if finished else 0
        if not any(at >= self.first[behind] for at in positions):
            return f"says that {finished[-1]} is finished"
        named = _NAMED.search(output)
        at = names.index(named[1]) if named else behind
        if at == len(names):
            return None
        if "What an earlier run left of the file is unchanged" in output:
            return None if positions & self.before else "says that nothing changed"
        done, total = {one - self.first[at] for one in positions}, len(self.files[at].statements)
        possible = _possible(" ".join(output.split()), total)
        if possible is None:
            return f"says nothing of {names[at]}" if named else None
        return None if possible & done else f"says {sorted(possible)} of {names[at]}, where {sorted(done)} are done"


def _possible(output: str, total: int) -> set[int] | None:
    """How many statements of the file have had their effect by what is said; None: nothing is said."""
    remain, doubt = _REMAIN.search(output), _DOUBT.search(output)
    known = int(remain[1] or 1) if remain else 0
    if "Nothing of the file remains" in output:
        return {0}
    if doubt:
        return set(range(max(known, int(doubt[1]) - 1), int(doubt[2] or doubt[1]) + 1))
    if "Whether the file was committed" in output:
        return {0, total}
    if found := re.search(r"Statement (\d+) had its effect, which is not recorded", output):
        return {int(found[1])}
    if found := re.search(r"Statement (\d+) was not begun", output):
        return {int(found[1]) - 1} if known in (0, int(found[1]) - 1) else set()
    if "are in effect; the next run records" in output or "Its statement is in effect" in output:
        return {total}
    return {known} if remain else None


# -- points -------------------------------------------------------------------------------------------------------


def all_points(proxy: Proxy) -> list[list[Cut]]:
    """Each message before, inside and after, for the connections that work, hold the lock and only look; what breaks
    takes turns."""
    means = list(Means)
    points: list[list[Cut]] = [[], [], []]
    for (connection, direction), count in sorted(proxy.counts.items(), key=lambda item: (item[0][0], item[0][1].value)):
        group = points[role(b"".join(proxy.sent[connection]))]
        for number in range(1, count + 1):
            for where in Where:
                group.append(Cut(connection, direction, number, where, means[len(group) * 7 // 3 % len(means)]))
    return points


def landmarks(proxy: Proxy) -> Iterator[Cut]:
    """Where it matters most: the first COMMITs of the work, and what the engine refuses inside a transaction."""
    connection = next(number for number, sent in proxy.sent.items() if role(b"".join(sent)) == 0)
    queries = [(number, sent) for number, sent in enumerate(proxy.sent[connection], 1) if sent.startswith(b"Q")]
    commits = [number for number, sent in queries if b"COMMIT" in sent]
    refused = [number for number, sent in queries if b"CONCURRENTLY" in sent or b"CALL" in sent]
    for number in (*commits[:2], *refused):
        yield Cut(connection, Direction.CLIENT, number, Where.AFTER, Means.CLOSE)
    for number in refused:
        yield Cut(connection, Direction.CLIENT, number, Where.INSIDE, Means.KILL)


def role(sent: bytes) -> int:
    """0: works, 1: holds the lock, 2: looks."""
    if b"SET locked = TRUE" in sent:
        return 1
    return 0 if b"INSERT INTO" in sent else 2


def sample(points: Sequence[Sequence[Cut]], most: int) -> Iterator[Cut]:
    """Spread evenly; most of them where the work is."""
    for group, share in zip(points, (0.7, 0.2, 0.1), strict=True):
        count = round(most * share)
        yield from (group[int((at + 0.5) * len(group) / count)] for at in range(count))


# -- the scenario -------------------------------------------------------------------------------------------------


class Scenario:
    """A database and the command that is disturbed."""

    def __init__(self, folder: Path, argv: list[str]) -> None:
        self.folder, self.argv, self.url = folder, argv, os.environ["DATABASE_URL"]
        self.database = Database(re.sub(r"\+\w+", "", self.url, count=1))
        self.chain = Chain(folder, self.database)
        self.asked = 0

    def run(self, proxy: Proxy | None, *more: str) -> tuple[str, int]:
        """The command; through the proxy or directly."""
        url = self.url
        if proxy is not None:
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}"))
        meanwhile = None if proxy is None else proxy.serve
        out, err, code = run_forked(
            self.folder, [*self.argv, *more], environment(DATABASE_URL=url), meanwhile=meanwhile
        )
        return out + err, code

    def proxy(self, cut: Cut | None = None) -> Proxy:
        parts = urlsplit(self.url)
        return Proxy((parts.hostname or "", parts.port or 5432), cut)

    def interrupt(self, where: Where, words: bytes) -> None:
        """Kill the command at the message that contains the words; from there on, that is how the database was before."""
        self.database.restore()
        proxy = self.proxy()
        self.run(proxy)
        connection, number = next(
            (connection, number)
            for connection, messages in proxy.sent.items()
            for number, message in enumerate(messages, 1)
            if words in message
        )
        self.database.restore()
        proxy = self.proxy(Cut(connection, Direction.CLIENT, number, where, Means.KILL))
        self.run(proxy)
        assert proxy.done
        self.database.settle()
        unlock()
        self.database = Database(self.database.url)
        with self.database.connected() as conn:
            self.chain.before = self.chain.positions(user_state(conn))

    def problem(self, cut: Cut, expected: dict[str, Any], at_once: bool) -> str | None:
        """What is wrong behind one point. ``at_once``: the next run does not wait until the server has noticed."""
        self.database.restore()
        proxy = self.proxy(cut)
        attempt = Attempt(cut, *self.run(proxy))
        if not proxy.done:
            return f"the point was not reached: {attempt.output}"
        found = _ending(attempt) or (None if at_once else self.untrue(attempt)) or self.finish(attempt)
        if found is None:
            result = contents(self.database)
            found = "; ".join(
                f"{key}: {result[key]}, not {expected[key]}" for key in result if result[key] != expected[key]
            )
        return f"{found}\n    [{attempt.code}] {attempt.output.strip()}" if found else None

    def untrue(self, attempt: Attempt) -> str | None:
        """What the run said, or the journal says, that is not so."""
        self.database.settle()
        with self.database.connected() as conn:
            positions = self.chain.positions(user_state(conn))
            marks = conn.execute(JOURNAL).fetchall()
        if not positions:
            return "statements had their effect out of order"
        return self.chain.refuted(attempt.output, positions) or self.misrecorded(marks, positions) or _lock(attempt)

    def misrecorded(self, marks: Sequence[tuple[Any, ...]], positions: set[int]) -> str | None:
        """The journal has every statement that had its effect, but for one with its intent."""
        for at, file in enumerate(self.chain.files):
            states = {statement: state for key, statement, state in marks if key == file.key}
            done = {one - self.chain.first[at] for one in positions}
            count = sum(state == "done" for state in states.values())
            if states and not done & {count, count + ("intent" in states.values())}:
                return f"the journal of {file.name} has {states}, where {sorted(done)} are done"
        return None

    def finish(self, attempt: Attempt) -> str | None:
        """Release the lock where it stayed, and run the command again."""
        found, end = lock_status(), time.monotonic() + SECONDS
        while found.active and found.liveness is Liveness.ALIVE and time.monotonic() < end:
            time.sleep(0.01)
            found = lock_status()
        if found.active:
            if found.liveness is not Liveness.GONE:
                return f"lock-status: {found}"
            unlock()
        output, code = self.run(None)
        if "the database does not show whether it had its effect" in output:
            self.asked += 1
            return self.answer(output)
        return None if code == 0 else f"the next run ended with {code}: {output}"

    def answer(self, output: str) -> str | None:
        """Look, as the question says, and answer it."""
        self.database.settle()
        named, step = _NAMED.search(output), _STEP.search(output)
        assert named and step
        at = [file.name for file in self.chain.files].index(named[1])
        number = int(step[1])
        if "CALL" not in self.chain.files[at].statements[number - 1]:
            return f"the next run asks: {output}"
        with self.database.connected() as conn:
            positions = self.chain.positions(user_state(conn))
        done = any(one - self.chain.first[at] >= number for one in positions)
        output, code = self.run(None, "--assume", "done" if done else "not-done")
        return None if code == 0 else f"the answered run ended with {code}: {output}"


def _lock(attempt: Attempt) -> str | None:
    """Whether the lock stays is said where the working connection breaks."""
    if attempt.cut.means not in (Means.CLOSE, Means.RESET) or "Error: " not in attempt.output:
        return None
    says, stays = "The lock stays" in attempt.output, lock_status().active
    return None if not says or stays else "says that the lock stays, and it does not"


def _ending(attempt: Attempt) -> str | None:
    """What is wrong with how the process ended."""
    if attempt.cut.means is Means.KILL:
        return None if attempt.code in (0, -signal.SIGKILL) else "the killed process ended by itself"
    if attempt.code not in (0, 1) or "Traceback" in attempt.output or "bug in DBWarden" in attempt.output:
        return "ended wrongly"
    return None


def main() -> None:
    folder, argv, most = Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]
    os.chdir(folder)
    scenario = Scenario(folder, argv)
    interrupted = len(sys.argv) > 4
    if interrupted:
        scenario.interrupt(Where(sys.argv[4]), sys.argv[5].encode())
    scenario.database.restore()
    proxy = scenario.proxy()
    output, code = scenario.run(proxy)
    assert code == 0, output
    expected = contents(scenario.database)
    assert expected["state"] == scenario.chain.states[-1], "the chain leads elsewhere"
    groups, wrong = all_points(proxy), []
    points = [] if interrupted else list(landmarks(proxy))
    points += (cut for group in groups for cut in group) if most == "all" else sample(groups, int(most))
    for at, cut in enumerate(points):
        problem = scenario.problem(cut, expected, at_once=at % 3 == 2)
        if problem:
            wrong.append(f"{cut}: {problem}")
            print(wrong[-1], file=sys.stderr, flush=True)
    messages = sum(proxy.counts.values())
    print(json.dumps({"messages": messages, "tried": len(points), "asked": scenario.asked, "wrong": wrong}))


if __name__ == "__main__":
    main()
