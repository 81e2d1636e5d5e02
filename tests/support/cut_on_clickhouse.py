"""The real command on ClickHouse, with the connection cut and the server killed at requests that matter.

``python -m tests.support.cut_on_clickhouse FOLDER POINTS`` (0 for all). ``FOLDER`` is a project whose database is ``DATABASE_URL``,
on a server of this process. Every attempt is a fork of this process, which is the proxy meanwhile. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from dbwarden.api.connection import connect
from dbwarden.api.lock import lock_status, unlock
from dbwarden.core.dialect import Liveness
from dbwarden.dialects.base.local_server import Instance
from dbwarden.dialects.clickhouse.servers import LOCAL_SERVER
from tests.servers import crashable
from tests.servers.clickhouse import CONFIGURATION, attach
from tests.support.command import environment
from tests.support.disturbed_clickhouse import ClickHouseDatabase
from tests.support.forked import run_forked
from tests.support.wire import Cut, Direction, Means, Proxy, Target, Where, http, through

WORDS = (
    b"UPDATE a = a", b"SYSTEM STOP MERGES", b"INSERT INTO dbwarden_new_events", b"EXCHANGE TABLES events", b"SYSTEM START MERGES",
    b"RENAME TABLE dbwarden_new_events", b"INSERT INTO `dbwarden_journal", b"'applied'",
)  # fmt: skip
"""Words of the requests at which something breaks, the first two with each."""
WAYS = (
    (Where.UNANSWERED, Means.CRASH),
    (Where.BEFORE, Means.CLOSE),
    (Where.UNANSWERED, Means.RESET),
    (Where.AFTER, Means.RESTART),
)
PATIENCE = 120
ATTEMPTS = 5
"""How often a point is looked for: a run that waits for a mutation asks about it more often or less."""


@contextmanager
def server() -> Iterator[crashable.CrashableServer]:
    """A server that can be killed, and that may write backups."""

    def instance_in(folder: Path) -> Instance:
        configuration = folder / "config.xml"
        configuration.write_text(CONFIGURATION.format(folder=folder, keeper=""))
        return Instance(Path(), folder, password="secret", settings={"config-file": str(configuration)})

    with crashable.running(LOCAL_SERVER, instance_in, connect) as control:
        yield control


class Scenario:
    """The project's database behind a proxy."""

    def __init__(self, folder: Path, control: crashable.CrashableServer) -> None:
        self.folder, self.control = folder, control
        vendor = attach(control.url)
        vendor.create_database("test_cut")
        self.url = vendor.url("test_cut")
        os.environ["DATABASE_URL"] = self.url
        output, code = self.run(None, "--to-version", "1")
        assert code == 0, output
        self.database = ClickHouseDatabase(self.url)

    def run(self, proxy: Proxy | None, *more: str) -> tuple[str, int]:
        url = self.url if proxy is None else through(self.url, proxy.port)
        meanwhile = None if proxy is None else proxy.serve
        output, _, code = run_forked(
            self.folder, ["migrate", "--force", *more], environment(DATABASE_URL=url), meanwhile=meanwhile,
            seconds=PATIENCE, together=True,
        )  # fmt: skip
        return output, code

    def proxy(self, cut: Cut | None = None) -> Proxy:
        parts = urlsplit(self.url)
        assert parts.port is not None
        return Proxy(Target((parts.hostname or "", parts.port), http, self.control), cut)

    def points(self) -> list[Cut]:
        """The requests of an undisturbed run, and what breaks at them."""
        self.database.restore()
        proxy = self.proxy()
        output, code = self.run(proxy)
        assert code == 0, output
        requests = [(link, at, message) for link, sent in proxy.sent.items() for at, message in enumerate(sent, 1)]
        points = [(link, at) for word in WORDS for link, at, message in [one for one in requests if word in one[2]][:2]]
        return [Cut(link, Direction.CLIENT, at, where, means) for link, at in points for where, means in WAYS]

    def problem(self, cut: Cut, expected: dict[str, object]) -> str | None:
        """What is wrong behind a point."""
        for _ in range(ATTEMPTS):
            self.database.restore()
            proxy = self.proxy(cut)
            output, code = self.run(proxy)
            if proxy.done:
                break
        if not self.control.is_running:
            self.control.start()
        if not proxy.done:
            return f"the point was not reached: {output}"
        if code not in (0, 1) or "Traceback" in output or (code and output.count("Error: ") != 1):
            return f"ended with {code}: {output}"
        end, status = time.monotonic() + PATIENCE, lock_status()
        while status.active and status.liveness is not Liveness.GONE and time.monotonic() < end:
            time.sleep(0.05)
            status = lock_status()
        if status.active or status.suspended:
            unlock()
        output, code = self.run(None)
        if code:
            return f"the next run ended with {code}: {output}"
        contents = self.database.contents()
        contents["events"] = [event for event in contents["events"] if event[1] != "failed"]
        return "; ".join(
            f"{key}: {contents[key]}, not {value}" for key, value in expected.items() if contents[key] != value
        )


def main() -> None:
    folder, most = Path(sys.argv[1]), int(sys.argv[2])
    os.chdir(folder)
    with server() as control:
        scenario = Scenario(folder, control)
        points = scenario.points()
        expected = scenario.database.contents()
        step = max(1, len(points) // most) if most else 1
        step += step % len(WAYS) == 0 and step > 1  # so that a sample has each way
        tried, wrong = points[::step], []
        for cut in tried:
            if problem := scenario.problem(cut, expected):
                wrong.append(f"{cut}: {problem}")
                print(wrong[-1], file=sys.stderr, flush=True)
        print(json.dumps({"points": len(points), "tried": len(tried), "crashes": control.crashes, "wrong": wrong}))


if __name__ == "__main__":
    main()
