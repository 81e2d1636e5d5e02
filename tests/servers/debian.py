"""Programs from Debian: installed with apt-get, or unpacked from another suite into the user's cache."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import report
from tests.servers.server import Unavailable

KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def install(packages: tuple[str, ...]) -> bool:
    """Install packages if this is Debian and we are root. Returns whether that was possible."""
    if not packages or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    report(f"installing {', '.join(packages)}")
    for argv in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", *packages]):
        if subprocess.run(argv, env=environment, stdout=sys.stderr, check=False).returncode != 0:
            return False
    return True


def cache() -> Path:
    """Folder in which the tests keep what is expensive to get."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dbwarden-tests"


@dataclass(frozen=True)
class Tree:
    """Programs of another suite, which run on the libraries that they came with."""

    name: str
    """Of the folder in the cache, which is followed by the version."""
    suite: str
    packages: tuple[str, ...]
    """The first one gives the version."""
    programs: tuple[str, ...]
    """Paths of the programs below ``usr``."""
    contents: tuple[str, ...]
    """Folders below ``usr`` that these need, besides the libraries."""
    satisfied: tuple[str, ...] = ()
    """Packages that the others ask for and the programs do without."""

    def newest(self) -> Path | None:
        """Folder of the programs that were unpacked last."""
        folders = sorted(cache().glob(f"{self.name}-*/usr/bin"), key=lambda path: path.stat().st_mtime)
        return folders[-1] if folders else None

    def unpack(self) -> Path:
        """Download the newest version unless it is there; the folder of its programs. Raises ``Unavailable``.

        Nothing is installed: apt works on folders of its own. It checks the signatures as usual.
        """
        if shutil.which("apt-get") is None or not KEYS.exists():
            raise Unavailable("this is not Debian")
        cache().mkdir(parents=True, exist_ok=True)
        work = cache() / f".{secrets.token_hex(4)}"
        try:
            return self._unpack(Apt(work, self.suite, self.satisfied), work / "tree")
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def install(self) -> bool:
        """Unpack it, which installs nothing: MySQL's packages and MariaDB's exclude one another, as two versions of one do."""
        try:
            self.unpack()
        except Unavailable as reason:
            report(f"{self.name}: {reason}")
            return False
        return True

    def _unpack(self, apt: Apt, tree: Path) -> Path:
        target = cache() / f"{self.name}-{apt.version(self.packages[0])}"
        if not target.exists():
            report(f"downloading {', '.join(self.packages)} from Debian's suite {self.suite} to {target}")
            for package in apt.download(self.packages):
                run(["dpkg-deb", "--extract", str(package), str(tree)])
            merge(tree / "lib", tree / "usr" / "lib")
            self.trim(tree / "usr", target / "usr")
            tree.rename(target)
        return target / "usr" / "bin"

    def trim(self, usr: Path, final: Path) -> None:
        """Remove what is not needed, which is the larger part; the programs get wrappers for their ``final`` place."""
        needed = usr.parent / "needed"
        for content in self.contents:
            (needed / content).parent.mkdir(parents=True, exist_ok=True)
            (usr / content).rename(needed / content)
        (needed / "libexec").mkdir(parents=True)
        for program in self.programs:
            (usr / program).rename(needed / "libexec" / Path(program).name)
        (usr / "lib").rename(needed / "lib")
        shutil.rmtree(usr)
        needed.rename(usr)
        self._wrap(usr, final)

    def _wrap(self, usr: Path, final: Path) -> None:
        """Scripts ``usr/bin/<program>`` that start the programs with their own dynamic loader."""
        loader = next(usr.glob("lib/*/ld-linux*.so.*"), None)
        if loader is None:
            raise Unavailable("Debian has no dynamic loader for this machine")
        libraries = final / loader.parent.relative_to(usr)
        (usr / "bin").mkdir()
        for program in self.programs:
            name = Path(program).name
            script = usr / "bin" / name
            script.write_text(
                f"#!/bin/sh\nexec '{libraries / loader.name}' --library-path '{libraries}'"
                f" '{final / 'libexec' / name}' \"$@\"\n"
            )
            script.chmod(0o755)


def merge(folder: Path, target: Path) -> None:
    """Move the files of ``folder`` into ``target``: suites up to Debian 12 have libraries in both /lib and /usr/lib."""
    for path in sorted(folder.glob("**/*")) if folder.is_dir() else ():
        place = target / path.relative_to(folder)
        if path.is_symlink() or not path.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)


class Apt:
    """An apt for one suite with folders of its own. Raises ``Unavailable``."""

    def __init__(self, folder: Path, suite: str, satisfied: Sequence[str]) -> None:
        for name in ("etc", "state/lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        source = f"Types: deb\nURIs: {mirror()}\nSuites: {suite}\nComponents: main\nSigned-By: {KEYS}\n"
        (folder / "etc" / "suite.sources").write_text(source)
        entry = "Package: {}\nStatus: install ok installed\nVersion: 999\nArchitecture: all\nMulti-Arch: allowed\n\n"
        (folder / "status").write_text("".join(map(entry.format, satisfied)))
        settings = folder / "apt.conf"
        settings.write_text(CONFIGURATION.format(folder=folder))
        self._archives = folder / "cache" / "archives"
        self._environment = {**os.environ, "APT_CONFIG": str(settings)}
        run(["apt-get", "update"], self._environment)

    def version(self, package: str) -> str:
        """The version that would be downloaded."""
        shown = run(["apt-cache", "show", "--no-all-versions", package], self._environment)
        version = re.search(r"^Version: (\S+)$", shown, re.MULTILINE)
        if version is None:
            raise Unavailable(f"Debian has no package {package}")
        return version[1].replace(":", "_")

    def download(self, packages: Sequence[str]) -> list[Path]:
        """The files of packages and of all that they depend on."""
        run(["apt-get", "install", "--yes", "--download-only", "--no-install-recommends", *packages], self._environment)
        return sorted(self._archives.glob("*.deb"))


CONFIGURATION = """
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "{folder}/etc";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Log "{folder}";
APT::Sandbox::User "";
Acquire::Languages "none";
"""


def mirror() -> str:
    """The mirror that this machine uses for Debian itself, from apt's own configuration."""
    targets = run(["apt-get", "indextargets", "--format", "$(ORIGIN) $(SUITE) $(REPO_URI)", "Created-By: Packages"])
    for line in targets.splitlines():
        suite, address = line.split()[-2:]
        if line.startswith("Debian ") and not re.search(r"security|updates|backports", f"{suite} {address}"):
            return address
    raise Unavailable("apt knows no mirror of Debian")


def run(argv: Sequence[str], environment: dict[str, str] | None = None) -> str:
    """The output of a command. Raises ``Unavailable`` with its last complaint."""
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{argv[0]}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return done.stdout
