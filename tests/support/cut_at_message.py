"""One scenario, disturbed at messages of the engine's protocol: run as a process of its own.

``python -m tests.support.cut_at_message FOLDER SPECIFICATION``. ``FOLDER`` is a project whose database is ``DATABASE_URL``,
or one on a server of this process that can be killed. ``SPECIFICATION`` is JSON, the fields of ``Specification``. Every attempt
is a fork of this process, which is the proxy meanwhile. Prints JSON: how many messages the undisturbed run exchanges, how many
points were tried and how many of them killed the server, how many ended in a question, and what was wrong behind which.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any, TypeAlias

import psycopg2  # noqa: F401  the forks have it then

from dbwarden.api.lock import lock_status, unlock
from dbwarden.core.dialect import Liveness
from tests.servers import CRASHABLE, VENDORS, CrashableServer
from tests.support.claims import NAMED, STEP, Chain, File
from tests.support.command import environment
from tests.support.disturbed_database import EVENTS, JOURNAL, SECONDS, Database, open_database
from tests.support.forked import run_forked
from tests.support.wire import Cut, Direction, Means, Proxy, Target, Where, through

LONG = b"/* long */"
"""Marks statements that the server works on for some time."""
PATIENCE = 120
"""Seconds after which a command counts as hanging: a server that restarts needs some on a busy machine."""
NEXT = re.compile(r"dbwarden [a-z]|next run|--assume|the same command")
"""What to type next, in an error message."""


Places: TypeAlias = Mapping[Direction, Sequence[Where]]


@dataclass(frozen=True, slots=True)
class Specification:
    """What runs and how it is disturbed."""

    argv: Sequence[str]
    files: Sequence[tuple[str, Sequence[str]]]
    """The files in the order in which the command runs them, each with its statements."""
    before: Sequence[str]
    """The command that makes the state in which ``argv`` begins."""
    points: int | None
    """How many are tried; None: all."""
    means: Sequence[str]
    """What breaks, in turn."""
    engine: str = ""
    """The engine of the server to be killed; empty: ``DATABASE_URL`` leads to one that is not."""
    interrupted: Sequence[str] = ()
    """Where and at the message with which words the command was killed once already; what is disturbed is the run that goes
    on behind that."""
    asked: Sequence[str] = ("CALL",)
    """Words of the statements of which only a person can tell whether they had their effect."""
    accounts: str = ""
    """How the names of accounts begin that the files create."""
    long: bool = False
    """Whether only statements marked ``LONG`` are disturbed, while they run, each by all means."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a disturbed run ended."""

    cut: Cut
    output: str
    code: int


# -- points -------------------------------------------------------------------------------------------------------


EVERYWHERE: Places = dict.fromkeys(Direction, (Where.BEFORE, Where.INSIDE, Where.AFTER))
REQUESTS: Places = {Direction.CLIENT: (Where.BEFORE, Where.AFTER, Where.UNANSWERED)}
"""Where an answer has many messages, or the server is killed: it does nothing with a part of a message."""


def all_points(proxy: Proxy, engine: str, means: Sequence[Means]) -> list[list[Cut]]:
    """Each message at each place, for the connections that work, hold the lock and only look; what breaks takes turns."""
    places = EVERYWHERE if engine == "postgresql" and Means.CRASH not in means else REQUESTS
    points: list[list[Cut]] = [[], [], []]
    for (connection, direction), count in sorted(proxy.counts.items(), key=lambda item: (item[0][0], item[0][1].value)):
        group = points[role(b"".join(proxy.sent[connection]))]
        for number in range(1, count + 1):
            for where in places.get(direction, ()):
                if where is Where.UNANSWERED and number == count:
                    continue  # the end of the connection, which has no answer
                group.append(Cut(connection, direction, number, where, means[len(group) * 7 // 3 % len(means)]))
    return points


def long_points(proxy: Proxy, means: Sequence[Means]) -> Iterator[Cut]:
    """While each long statement runs, by all means."""
    for connection, messages in proxy.sent.items():
        for number, message in enumerate(messages, 1):
            if LONG in message:
                yield from (Cut(connection, Direction.CLIENT, number, Where.DURING, one) for one in means)


def landmarks(proxy: Proxy, engine: str, means: Sequence[Means]) -> Iterator[Cut]:
    """Where it matters most: the first COMMIT of the work, and the first statements with an intent, done but not answered;
    for PostgreSQL, what the engine refuses inside a transaction."""
    if engine == "postgresql":
        for cut, one in zip(_landmarks_of_postgresql(proxy), cycle(means), strict=False):
            yield cut if cut.means in means else replace(cut, means=one)
        return
    connection = next(number for number, sent in proxy.sent.items() if role(b"".join(sent)) == 0)
    sent = proxy.sent[connection]
    numbers = [number + 1 for number, message in enumerate(sent, 1) if b"intent" in message][:3]
    numbers[2:2] = [number for number, message in enumerate(sent, 1) if message.endswith(b"COMMIT")][:1]
    for number, one in zip(numbers, cycle(means), strict=False):
        yield Cut(connection, Direction.CLIENT, number, Where.UNANSWERED, one)


def _landmarks_of_postgresql(proxy: Proxy) -> Iterator[Cut]:
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

    def __init__(self, folder: Path, spec: Specification, control: CrashableServer | None) -> None:
        self.folder, self.spec, self.control, self.url = folder, spec, control, os.environ["DATABASE_URL"]
        self.means = [Means(name) for name in spec.means]
        self.engine = re.split(r"\W", self.url)[0]
        self._run(None, spec.before)
        self.database: Database = open_database(self.url, spec.accounts)
        self.chain = Chain([File(name, tuple(statements)) for name, statements in spec.files], self.database)
        self.asked = 0

    def run(self, proxy: Proxy | None, *more: str) -> tuple[str, int]:
        """The command; through the proxy or directly."""
        return self._run(proxy, (*self.spec.argv, *more))

    def _run(self, proxy: Proxy | None, argv: Sequence[str]) -> tuple[str, int]:
        url = self.url if proxy is None else through(self.url, proxy.port)
        meanwhile = None if proxy is None else proxy.serve
        out, err, code = run_forked(
            self.folder, [*argv], environment(DATABASE_URL=url), meanwhile=meanwhile, seconds=PATIENCE
        )
        return out + err, code

    def proxy(self, cut: Cut | None = None) -> Proxy:
        return Proxy(Target.of(self.url, self.control), cut)

    def attempt(self, cut: Cut) -> tuple[Attempt, bool]:
        """Disturb the command; whether the point was reached. The server runs afterwards."""
        self.database.restore()
        proxy = self.proxy(cut)
        attempt = Attempt(cut, *self.run(proxy))
        if self.control is not None and not self.control.is_running:
            self.control.start()
        if cut.means.crashes:
            self.database.reconnect()
        return attempt, proxy.done

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
        _, done = self.attempt(Cut(connection, Direction.CLIENT, number, where, Means.KILL))
        assert done
        self.database.settle()
        unlock()
        self.database = self.database.snapshot()
        self.chain.before = self.chain.positions(self.database.state())

    def problem(self, cut: Cut, expected: dict[str, Any], at_once: bool) -> str | None:
        """What is wrong behind one point. ``at_once``: the next run does not wait until the server has noticed."""
        attempt, reached = self.attempt(cut)
        if not reached:
            return f"the point was not reached: {attempt.output}"
        problem = _ending(attempt) or (None if at_once else self.untrue(attempt)) or self.finish(attempt)
        if problem is None:
            contents = self.database.contents()
            problem = "; ".join(
                f"{key}: {contents[key]}, not {expected[key]}" for key in contents if contents[key] != expected[key]
            )
        return f"{problem}\n    [{attempt.code}] {attempt.output.strip()}" if problem else None

    def untrue(self, attempt: Attempt) -> str | None:
        """What the run said, or the journal says, that is not so."""
        self.database.settle()
        positions = self.chain.positions(self.database.state())
        if not positions:
            return "statements had their effect out of order"
        return self.chain.refuted(attempt.output, positions) or self.misrecorded(positions) or _lock(attempt)

    def misrecorded(self, positions: set[int]) -> str | None:
        """The journal has every statement that had its effect, but for the first ones of those with their intent. Of files that
        were announced together, those with their event are finished, and those behind the first one without it not begun."""
        marks, open_ = self.database.query(JOURNAL), False
        last = {key: event for key, event, *_ in self.database.query(EVENTS)}
        end = "applied" if self.spec.argv[0] == "migrate" else "rolled_back"
        for at, file in enumerate(self.chain.files):
            states = {statement: state for key, statement, state in marks if key == file.key}
            if not states:
                continue
            done = {one - self.chain.first[at] for one in positions}
            count = sum(state == "done" for state in states.values())
            possible = range(count, count + list(states.values()).count("intent") + 1)
            if last.get(file.key) == end:
                possible = range(len(file.statements), self.chain.first[-1] + 1)
            elif open_:
                possible = range(-self.chain.first[-1], 1)
            else:
                open_ = True
            if done.isdisjoint(possible):
                return f"the journal of {file.name} has {states}, where {sorted(done)} are done"
        return None

    def finish(self, attempt: Attempt) -> str | None:
        """Release the lock where it stayed, and run the command again."""
        status, end = lock_status(), time.monotonic() + SECONDS
        while status.active and status.liveness is Liveness.ALIVE and time.monotonic() < end:
            time.sleep(0.01)
            status = lock_status()
        if status.active:
            if status.liveness is not Liveness.GONE:
                return f"lock-status: {status}"
            unlock()
        output, code = self.run(None)
        if "the database does not show whether it had its effect" in output:
            self.asked += 1
            return self.answer(output)
        return None if code == 0 else f"the next run ended with {code}: {output}"

    def answer(self, output: str) -> str | None:
        """Look, as the question says, and answer it."""
        self.database.settle()
        named, step = NAMED.search(output), STEP.search(output)
        assert named and step
        at = [file.name for file in self.chain.files].index(named[1])
        number = int(step[1])
        if not any(words in self.chain.files[at].statements[number - 1] for words in self.spec.asked):
            return f"the next run asks: {output}"
        positions = self.chain.positions(self.database.state())
        done = any(one - self.chain.first[at] >= number for one in positions)
        output, code = self.run(None, "--assume", "done" if done else "not-done")
        return None if code == 0 else f"the answered run ended with {code}: {output}"


def _lock(attempt: Attempt) -> str | None:
    """Whether it is said that the lock stays, where the server is there."""
    output, stays = attempt.output, lock_status().active
    if attempt.cut.means in (Means.KILL, Means.OUTAGE, Means.CRASH) or "Error: " not in output:
        return None
    if "The lock stays" in output:
        return None if stays else "says that the lock stays, and it does not"
    silent = "lock could not be released" not in output
    return "leaves the lock, and does not say so" if stays and silent else None


def _ending(attempt: Attempt) -> str | None:
    """What is wrong with how the process ended: with one error, which says what to type next."""
    if attempt.cut.means is Means.KILL:
        return None if attempt.code in (0, -signal.SIGKILL) else "the killed process ended by itself"
    if attempt.code not in (0, 1) or "Traceback" in attempt.output or "bug in DBWarden" in attempt.output:
        return "ended wrongly"
    if attempt.code and attempt.output.count("Error: ") != 1:
        return "does not end with one error"
    return "does not say what to type next" if attempt.code and not NEXT.search(attempt.output) else None


def main() -> None:
    folder, spec = Path(sys.argv[1]), Specification(**json.loads(sys.argv[2]))
    os.chdir(folder)
    with ExitStack() as stack:
        control = stack.enter_context(CRASHABLE[spec.engine].crashable()) if spec.engine else None
        if control is not None:
            server, name = VENDORS[spec.engine].attach(control.url), f"test_{secrets.token_hex(6)}"
            server.create_database(name)
            os.environ["DATABASE_URL"] = server.url(name)
        print(json.dumps(disturb(Scenario(folder, spec, control))))


def disturb(scenario: Scenario) -> dict[str, Any]:
    """Try the points."""
    spec = scenario.spec
    if spec.interrupted:
        scenario.interrupt(Where(spec.interrupted[0]), spec.interrupted[1].encode())
    scenario.database.restore()
    proxy = scenario.proxy()
    output, code = scenario.run(proxy)
    assert code == 0, output
    expected = scenario.database.contents()
    assert expected["state"] == scenario.chain.states[-1], "the chain leads elsewhere"
    points, wrong = list(points_of(scenario, proxy)), []
    for at, cut in enumerate(points):
        problem = scenario.problem(cut, expected, at_once=at % 4 == 3)
        if problem:
            wrong.append(f"{cut}: {problem}")
            print(wrong[-1], file=sys.stderr, flush=True)
    crashes = scenario.control.crashes if scenario.control is not None else 0
    messages = sum(proxy.counts.values())
    return {"messages": messages, "tried": len(points), "crashes": crashes, "asked": scenario.asked, "wrong": wrong}


def points_of(scenario: Scenario, proxy: Proxy) -> Iterator[Cut]:
    """The points that are tried."""
    spec, means = scenario.spec, scenario.means
    if spec.long:
        yield from list(long_points(proxy, means))[slice(None, None, 1 if spec.points is None else 3)][: spec.points]
        return
    groups = all_points(proxy, scenario.engine, means)
    marks = [] if spec.interrupted else list(landmarks(proxy, scenario.engine, means))
    yield from marks[:: 1 if spec.points is None or not spec.engine else max(1, len(marks) // 4)]
    if spec.points is None:
        yield from (cut for group in groups for cut in group)
    else:
        yield from sample(groups, spec.points)


if __name__ == "__main__":
    main()
