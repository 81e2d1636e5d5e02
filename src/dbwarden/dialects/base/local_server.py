"""Temporary servers, started from the programs on this machine and removed with their data.

A ``LocalServer`` describes how one engine differs: its programs, and the commands that initialise, start and stop a server.
``running`` takes these steps:

1. Choose the installed version: the wanted one, or the next newer one.
2. Stop servers that killed runs have left, and remove their folders.
3. Initialise a data directory in a new folder under the temporary directory.
4. Start the server, and connect as soon as it answers.
5. At the end stop it without saving its data, and remove the folder.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from dbwarden.core.archive import Command
from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, ScratchRequest
from dbwarden.errors import DatabaseError, Unsupported

from .account import Account
from .readiness import Opened, connect_when_ready

WAIT = 30.0
"""Seconds that a server may take to initialise its data, and to start."""
STOPPING = 10.0

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """One server, which writes only into ``folder``."""

    programs: Path
    """Folder of the programs."""
    folder: Path
    account: Account = field(default_factory=Account)
    port: int = 0
    """Port on 127.0.0.1; 0 for a Unix socket in ``folder`` and no network."""
    password: str = ""
    """Password of the administrator; with an empty password the server asks for none."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Server options in addition to the fixed ones."""

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    def program(self, name: str) -> str:
        """The path of a program."""
        return str(self.programs / name)


def _no_files(_instance: Instance) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class LocalServer:
    """Commands that start and stop servers of one engine.

    All ``programs`` are in one folder, which is on PATH or matches ``places``. ``programs[0] --version`` prints the
    version; as many of its parts are compared as ``oldest`` has.
    """

    product: str
    programs: tuple[str, ...]
    places: tuple[str, ...]
    """Patterns of the folders that packages install to."""
    oldest: Version
    accounts: tuple[str, ...]
    """Accounts to run under instead of root, in order of preference."""
    initialize: Callable[[Instance], Iterable[Command]]
    """Commands that create ``data``."""
    start: Callable[[Instance], Sequence[str]]
    """Command line of the server, which stays in the foreground."""
    url: Callable[[Instance], str]
    """URL of a database for the administrator; the server is ready if a connection to it succeeds."""
    stop: Callable[[Instance], Sequence[str]]
    """Command that stops the server of ``data`` at once, if one runs, and waits for its end."""
    version_pattern: str = r"(\d+(?:\.\d+)*)"
    """Regular expression for the version in what ``programs[0] --version`` prints; no match is another product."""
    listening: Callable[[Instance], bool] = lambda _: True
    """Whether a server that was just started takes connections, for drivers that leave something behind where none does."""
    root_settings: Callable[[Path], Mapping[str, str]] | None = None
    """Settings with which it runs as root, by folder of the instance; ``None`` for a server that refuses to."""
    files: Callable[[Instance], Mapping[str, str]] = _no_files
    """Texts of the files in ``folder`` that ``initialize`` needs, by name."""

    def installed(self) -> dict[Version, Path]:
        """Folders of the programs on this machine, by version; of two with the same version, the one on PATH."""
        folders: dict[Version, Path] = {}
        for folder in self._folders():
            version = self._version(folder)
            if version is not None and version >= self.oldest:
                folders.setdefault(version, folder)
        return folders

    def _folders(self) -> Iterator[Path]:
        on_path = shutil.which(self.programs[0])
        if on_path:
            yield Path(on_path).resolve().parent
        for pattern in self.places:
            yield from sorted(Path("/").glob(pattern.lstrip("/")))

    def _version(self, folder: Path) -> Version | None:
        if not all((folder / program).exists() for program in self.programs):
            return None
        program = str(folder / self.programs[0])
        try:
            shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        numbers = re.search(self.version_pattern, shown.stdout.replace(program, ""))
        return tuple(map(int, numbers[1].split(".")))[: len(self.oldest)] if numbers else None

    def nearest(self, version: Version) -> Path:
        """Folder of the programs of a version, or of the next newer one. Raises ``Unsupported``."""
        wanted = max(version[: len(self.oldest)], self.oldest)
        enough = {installed: folder for installed, folder in self.installed().items() if installed >= wanted}
        if not enough:
            words = ".".join(map(str, wanted))
            raise unsupported(self, f"no programs of version {words} or later are installed")
        return enough[min(enough)]

    def account(self, programs: Path) -> Account:
        """Account to run the programs as: root only for a server that allows it, whose programs no other user may run, as those in
        its home folder. Raises ``Unsupported``."""
        account = Account.unprivileged(*self.accounts)
        usable = account is not None and account.may_run(programs / self.programs[0])
        if not usable and self.root_settings is not None:
            return Account()
        if account is None:
            raise unsupported(self, "it does not run as root, and there is no other user")
        return account

    def instance(self, programs: Path, folder: Path) -> Instance:
        """An instance in ``folder``, under the account and with the settings that its programs need. Raises ``Unsupported``."""
        account = self.account(programs)
        settings = self.root_settings(folder) if self.root_settings is not None and account.is_root else {}
        return Instance(programs, folder, account, settings=settings)


def unsupported(server: LocalServer, reason: str) -> Unsupported:
    """Error for a server that cannot be started."""
    return Unsupported(feature="a private server", dialect=f"{server.product} on this machine", reason=reason)


# -- one instance -------------------------------------------------------------------------------------------------


def initialize(server: LocalServer, instance: Instance) -> None:
    """Create the folder and data directory of an instance. Raises ``Unsupported``, ``OSError``."""
    instance.folder.mkdir(mode=0o700, exist_ok=True)
    instance.account.own(instance.folder)
    for name, text in server.files(instance).items():
        path = instance.folder / name
        path.write_text(text, encoding="utf-8")
        instance.account.own(path)
    for command in server.initialize(instance):
        _run(server, instance, command)


def start(server: LocalServer, instance: Instance) -> subprocess.Popen[bytes]:
    """Start an initialised instance; its server may not be ready yet. Raises ``OSError``."""
    with (instance.folder / "log").open("wb") as log:
        return instance.account.spawn(server.start(instance), instance.folder, log)


def _run(server: LocalServer, instance: Instance, command: Command) -> None:
    name = Path(command.argv[0]).name
    try:
        done = instance.account.run(command.argv, instance.folder, WAIT, command.stdin)
    except subprocess.TimeoutExpired:
        raise unsupported(server, f"{name} did not finish within {WAIT:.0f} s") from None
    if done.returncode:
        raise unsupported(server, f"{name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")


def first_connection(
    server: LocalServer, instance: Instance, process: subprocess.Popen[bytes], open_url: Callable[[str], Opened]
) -> Opened:
    """Connection to a server that was just started. Raises ``Unsupported`` with the last line of its log."""

    def failure(error: DatabaseError) -> Unsupported:
        log = (instance.folder / "log").read_text(errors="replace").strip().splitlines()
        return unsupported(server, log[-1] if log else str(error))

    attempt = partial(open_url, server.url(instance))
    listening = partial(server.listening, instance)
    return connect_when_ready(attempt, WAIT, failure, lambda: process.poll() is not None, listening)


def stop(server: LocalServer, instance: Instance, process: subprocess.Popen[bytes]) -> None:
    """Stop a server at once, without saving its data; kill it if it does not end within ``STOPPING`` seconds."""
    halt(server, instance)
    try:
        process.wait(STOPPING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def halt(server: LocalServer, instance: Instance) -> bool:
    """Run the command that stops the server of an instance. Returns whether it could be run."""
    try:
        instance.account.run(server.stop(instance), Path("/"), STOPPING + 5)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return True


_KILL = """
runs() {
    pid=$(cat "$1" 2>/dev/null) || return 1
    if [ -r "/proc/$pid/cmdline" ]; then args=$(tr '\\0' ' ' <"/proc/$pid/cmdline")
    else args=$(ps -o args= -p "$pid" 2>/dev/null); fi
    case $args in *"--pid-file=$1 "*) return 0 ;; esac
    return 1
}
runs "$1" && kill -KILL "$pid"
while runs "$1"; do sleep 0.05; done
"""


def kill_by_pid_file(path: Path) -> tuple[str, ...]:
    """Command that kills the process of a PID file and waits for its end, if the command line of that process has
    ``--pid-file=PATH`` before its last option: the number alone may be another program's by now."""
    return "/bin/sh", "-c", _KILL, "sh", str(path)


# -- as a scratch database -------------------------------------------------------------------------------------------------


@contextmanager
def running(server: LocalServer, request: ScratchRequest, version: Version) -> Iterator[Connection]:
    """Start a server of ``version`` or the next newer one, connect to it, and remove it at the end.

    Raises ``Unsupported`` if the programs are missing or do not run.
    """
    temporary = Path(tempfile.gettempdir())
    instance = server.instance(server.nearest(version), temporary / request.name)
    _remove_abandoned(server, request, replace(instance, folder=temporary))
    try:
        initialize(server, instance)
        process = start(server, instance)
        try:
            conn = first_connection(server, instance, process, request.open)
            try:
                yield conn
            finally:
                conn.close()
        finally:
            stop(server, instance, process)
    except OSError as error:
        raise unsupported(server, str(error)) from error
    finally:
        shutil.rmtree(instance.folder, ignore_errors=True)


def _remove_abandoned(server: LocalServer, request: ScratchRequest, place: Instance) -> None:
    """Stop the servers that killed runs left in ``place``, and remove their folders."""
    for folder in place.folder.glob(f"{SCRATCH_PREFIX}*"):
        if request.is_abandoned(folder.name) and halt(server, Instance(place.programs, folder, place.account)):
            shutil.rmtree(folder, ignore_errors=True)
