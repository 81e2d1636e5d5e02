"""Local and container servers of an engine that a short specification describes: here one that is a shell script."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dbwarden.core.archive import Command
from dbwarden.core.dialect import SCRATCH_PREFIX, ScratchRequest
from dbwarden.dialects.base import docker_server, local_server
from dbwarden.dialects.base.docker_server import DockerServer
from dbwarden.dialects.base.local_server import Instance, LocalServer
from dbwarden.errors import DatabaseError, Unsupported

PROGRAM = """#!/bin/sh
case "$1" in
    --version) echo "$0  Ver {version} for toys" ;;
    initialize) mkdir "$2" && cat > "$2/first" ;;
    serve) [ -e "$2/first" ] || {{ echo "no data"; exit 1; }}; echo $$ > "$2/pid"; exec sleep 600 ;;
    stop) kill "$(cat "$2/pid")" && rm "$2/pid" ;;
esac
"""


class Opened:
    """A connection that remembers being closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def toy(places: Path, **changes: Any) -> LocalServer:
    return LocalServer(**{
        "product": "Toy",
        "programs": ("toyd-of-the-tests",),
        "places": (f"{places}/*",),
        "oldest": (3, 0),
        "accounts": (),
        "files": lambda instance: {"settings": "quiet = yes\n"},
        "initialize": lambda instance: [Command((_program(instance), "initialize", str(instance.data)), stdin="seed")],
        "start": lambda instance: (_program(instance), "serve", str(instance.data)),
        "url": lambda instance: f"toy://{instance.data}",
        "stop": lambda instance: (_program(instance), "stop", str(instance.data)),
        **changes,
    })  # fmt: skip


def _program(instance: Instance) -> str:
    return instance.program("toyd-of-the-tests")


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Programs of three versions, reachable by every account; temporary folders are made beside them."""
    with tempfile.TemporaryDirectory(prefix="toy9.9-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for version in ("2.9", "3.1.7", "10.0"):
            program = folder / version / "toyd-of-the-tests"
            program.parent.mkdir()
            program.write_text(PROGRAM.format(version=version))
            program.chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield folder


def request(open_url: Callable[[str], Any], name: str = "mine", abandoned: str = "") -> ScratchRequest:
    return ScratchRequest(f"{SCRATCH_PREFIX}{name}", lambda other: other == f"{SCRATCH_PREFIX}{abandoned}", open_url)


def opening(url: str) -> Opened:
    """Succeeds as soon as the server has written its process."""
    data = Path(url.removeprefix("toy://"))
    if not (data / "pid").exists():
        raise DatabaseError("not yet")
    assert (data / "first").read_text() == "seed"
    assert (data.parent / "settings").read_text() == "quiet = yes\n"
    return Opened()


def test_the_nearest_version_is_taken(places: Path) -> None:
    server = toy(places)
    assert set(server.installed()) == {(3, 1), (10, 0)}  # by number, and not by the digits of its path
    assert server.nearest((3, 0, 5)).name == server.nearest(()).name == "3.1.7"
    assert server.nearest((3, 2)).name == server.nearest((10, 0, 4)).name == "10.0"
    with pytest.raises(Unsupported, match=r"no programs of version 10\.1 or later are installed"):
        server.nearest((10, 1))


def test_a_server_lives_as_long_as_its_block(places: Path) -> None:
    folder = places / f"{SCRATCH_PREFIX}mine"
    with local_server.running(toy(places), request(opening), (3,)) as conn:
        process = int((folder / "data" / "pid").read_text())
        assert Path(f"/proc/{process}").exists()
    assert conn.closed  # type: ignore[attr-defined]
    assert not Path(f"/proc/{process}").exists() and not folder.exists()


def test_the_reason_is_the_last_line_of_what_failed(places: Path) -> None:
    broken = toy(places, initialize=lambda instance: [])
    with pytest.raises(Unsupported, match="no data"), local_server.running(broken, request(opening), ()):
        pass
    wrong = toy(places, initialize=lambda instance: [Command(("/bin/sh", "-c", "echo one >&2; echo two >&2; exit 3"))])
    with pytest.raises(Unsupported, match="sh: two"), local_server.running(wrong, request(opening), ()):
        pass
    assert not list(places.glob(f"{SCRATCH_PREFIX}*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="another user than root is never changed")
def test_root_runs_what_no_other_user_may(places: Path) -> None:
    """Programs in root's home folder: only where the server runs as root at all, and is told so."""
    (places / "3.1.7").chmod(0o700)
    server = toy(places, root_settings=lambda folder: {"user": "root", "files": str(folder)})
    mine = places / f"{SCRATCH_PREFIX}mine"
    hidden, open_to_all = server.instance(places / "3.1.7", mine), server.instance(places / "10.0", mine)
    assert (hidden.account.user, hidden.settings) == (None, {"user": "root", "files": str(mine)})
    assert open_to_all.account.user and open_to_all.settings == {}
    with local_server.running(server, request(opening), (3,)):
        pass
    with (
        pytest.raises(Unsupported, match="Permission denied"),
        local_server.running(toy(places), request(opening), (3,)),
    ):
        pass


def test_what_killed_runs_left_is_stopped_and_removed(places: Path) -> None:
    server = toy(places)
    for name in ("dead", "living"):
        instance = server.instance(server.nearest(()), places / f"{SCRATCH_PREFIX}{name}")
        local_server.initialize(server, instance)
        child = local_server.start(server, instance)
        try:
            local_server.first_connection(server, instance, child, opening)
            with local_server.running(server, request(opening, abandoned="dead"), ()):
                assert instance.folder.exists() is (name == "living")
                if name == "dead":
                    child.wait(20)
                assert (child.poll() is None) is (name == "living")
        finally:
            child.kill()
            child.wait()


# -- containers ---------------------------------------------------------------------------------------------------

TOY = DockerServer("toy", (3, 1), 1234, lambda word: {"WORD": word}, lambda address, word: f"toy://{word}@{address}")


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands that Docker gets, with answers."""
    answers = {
        "image": "toy:10\ntoy:3.1.9-slim\ntoy:3.1\ntoy:3.10",
        "port": "127.0.0.1:4711\n[::1]:4711",
        "ps": f"{SCRATCH_PREFIX}dead\n{SCRATCH_PREFIX}living",
    }
    sent: list[tuple[str, ...]] = []

    def run(argv: list[str], **_options: object) -> Any:
        sent.append(tuple(argv[1:]))
        return docker_server.subprocess.CompletedProcess(argv, 0, answers.get(argv[1], ""), "")

    monkeypatch.setattr(docker_server.subprocess, "run", run)
    monkeypatch.setattr(docker_server.shutil, "which", lambda name: f"/usr/bin/{name}")
    return sent


def test_an_image_of_the_version_has_to_be_there(commands: list[tuple[str, ...]]) -> None:
    assert TOY.local_image((3, 10, 2)) == "toy:3.10"
    assert TOY.local_image(()) == "toy:3.1"
    with pytest.raises(Unsupported, match=r"no image of toy:3\.2 is here \(`docker pull toy:3\.2`\)"):
        TOY.local_image((3, 2))


def test_a_container_lives_as_long_as_its_block(commands: list[tuple[str, ...]]) -> None:
    opened: list[str] = []

    def open_url(url: str) -> Opened:
        opened.append(url)
        return Opened()

    name = f"{SCRATCH_PREFIX}mine"
    with docker_server.running(TOY, request(open_url, abandoned="dead"), (3, 1)) as conn:
        assert commands[-2] == (
            "run", "--detach", "--rm", "--name", name, "--env=WORD=", "--publish", "127.0.0.1::1234", "toy:3.1",
        )  # fmt: skip
        assert opened == ["toy://@127.0.0.1:4711"]
        assert ("rm", "--force", "--volumes", f"{SCRATCH_PREFIX}dead") in commands
    assert conn.closed  # type: ignore[attr-defined]
    assert [argv for argv in commands if argv[0] == "rm"][1:] == [("rm", "--force", "--volumes", name)]
