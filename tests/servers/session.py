"""The servers of one test session: each starts when the first test needs it, in whichever process that is, is shared
with the other processes through a folder, and ends with the session."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import VENDORS, VERSIONS, Server, Unavailable, Vendor, process

FOLDER = "DBWARDEN_TEST_SERVERS"
"""Environment variable with the shared folder; pytest-xdist's processes inherit it."""
OWNER = "DBWARDEN_TEST_SERVERS_OWNER"


@dataclass(frozen=True)
class State:
    """What is known of one engine in this session."""

    root: str = ""
    version: str = ""
    kind: str = ""
    stop: tuple[str, ...] = ()
    unavailable: str = ""


def open_session() -> Path:
    """Makes the shared folder; only in the process that ends the session."""
    folder = Path(tempfile.mkdtemp(prefix="dbwarden-tests-", dir=process.base()))
    folder.chmod(0o755)  # a server under another account must reach its own folder inside
    os.environ[FOLDER] = str(folder)
    os.environ[OWNER] = str(os.getpid())
    return folder


def close_session(folder: Path) -> None:
    for state in states(folder).values():
        process.end(folder / "none", state.stop)
    process.end(folder, ())
    os.environ.pop(FOLDER, None)
    os.environ.pop(OWNER, None)


def vendors() -> dict[str, Vendor]:
    """All engines, in all their versions."""
    return {**VENDORS, **VERSIONS}


def states(folder: Path) -> dict[str, State]:
    """The engines that somebody asked for so far."""
    known = {}
    for name in vendors():
        path = folder / f"{name}.json"
        if path.exists():
            record = json.loads(path.read_text())
            known[name] = State(**{**record, "stop": tuple(record["stop"])})
    return known


def server(name: str) -> Server:
    """The session's server of this engine; raises ``Unavailable``, at once the second time."""
    folder = Path(os.environ[FOLDER])
    with locked(folder / f"{name}.lock"):
        state = states(folder).get(name) or first(name, folder)
    if state.unavailable:
        raise Unavailable(state.unavailable)
    return vendors()[name].attach(state.root)


def name_of(url: str) -> str:
    """The name under which the session knows the server of a database."""
    for name, state in states(Path(os.environ[FOLDER])).items():
        if state.root and urlsplit(state.root)[:2] == urlsplit(url)[:2]:
            return name
    return url.partition(":")[0]


def first(name: str, folder: Path) -> State:
    """Starts the engine and leaves word of how that went for the other processes."""
    vendor, place = vendors()[name], folder / name
    place.mkdir()
    try:
        source = vendor.find()
        started = vendor.start(source, place)
        state = State(started.server.root, started.server.version, source.kind, started.stop)
        if started.stop:
            process.guard(int(os.environ[OWNER]), folder, started.stop)
    except Unavailable as reason:
        state = State(unavailable=str(reason))
    path = folder / f"{name}.json"
    path.with_suffix(".new").write_text(json.dumps(asdict(state)))
    path.with_suffix(".new").replace(path)
    return state


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def summary(folder: Path) -> str:
    """One line: what the tests ran on, and what they did not and why."""
    known = states(folder)
    used = [f"{name} {state.version} ({state.kind})" for name, state in known.items() if not state.unavailable]
    skipped = [f"{name}: {state.unavailable.splitlines()[0]}" for name, state in known.items() if state.unavailable]
    idle = [name for name in vendors() if name not in known]
    line = "engines: " + (", ".join(used) or "none needed")
    line += f"; not needed: {', '.join(idle)}" if idle and used else ""
    return line + "; skipped: " + ("; ".join(skipped) or "nothing")
