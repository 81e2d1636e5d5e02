"""The package as people get it: ``make package`` builds it, installs it where nothing of the checkout is, and uses it.

    python -m tests.package            all of it; downloads dependencies from the package index

1. The sdist is built, and the wheel from the sdist, so that the sdist is complete.
2. The wheel has every file of ``src/dbwarden``, the licence, the entry points and the extras, and nothing else.
3. The commands of the ``Dockerfile`` run in a temporary folder: they build the wheel from what the image copies and install it
   in a fresh environment. There the installed command runs the session of ``make demo`` and the migrations of
   ``examples/container``, and Python imports the package and its types.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENTRY_POINTS = "[console_scripts]\ndbwarden = dbwarden.cli.app:main\n\n[pytest11]\ndbwarden = dbwarden.pytest_plugin\n"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="dbwarden-package-") as name:
        folder = Path(name)
        wheel = build(folder)
        problems = [*wrong_contents(wheel)]
        if not problems:
            use(folder)
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if problems else 0


def say(text: str) -> None:
    print(f"\n--- {text}", flush=True)


def run(*argv: str | Path, cwd: Path, **more: str) -> None:
    """Run a command without what the checkout or the developer has set."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBWARDEN_", "PYTHON", "VIRTUAL_ENV"))
    }
    subprocess.run([str(word) for word in argv], cwd=cwd, env=kept | more, check=True)


def build(folder: Path) -> Path:
    """Build the sdist and from it the wheel."""
    say("build the sdist, and the wheel from it")
    run(sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT, cwd=folder)
    [wheel], [sdist] = folder.glob("dist/*.whl"), folder.glob("dist/*.tar.gz")
    print(f"{wheel.name}: {wheel.stat().st_size:,} bytes; {sdist.name}: {sdist.stat().st_size:,} bytes")
    return wheel


def wrong_contents(wheel: Path) -> Iterator[str]:
    """What the wheel lacks or has too much."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        [information] = {name.partition("/")[0] for name in names if ".dist-info/" in name}
        metadata = Parser().parsestr(archive.read(f"{information}/METADATA").decode())
        entry_points = archive.read(f"{information}/entry_points.txt").decode()
    files = {path.relative_to(SOURCE).as_posix() for path in (SOURCE / "dbwarden").rglob("*") if path.is_file()}
    files = {name for name in files if "__pycache__" not in name}
    files |= {
        f"{information}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    yield from (f"the wheel lacks {name}" for name in sorted(files - names))
    yield from (f"the wheel has {name}" for name in sorted(names - files))
    if "dbwarden/py.typed" not in files:
        yield "there is no py.typed"
    if entry_points.strip() != ENTRY_POINTS.strip():
        yield f"entry points: {entry_points!r}"
    if set(metadata.get_all("Provides-Extra", [])) != set(PROJECT["optional-dependencies"]):
        yield f"extras: {metadata.get_all('Provides-Extra')}"
    if not str(metadata["Version"]).startswith("1."):
        yield f"version {metadata['Version']}: those below 1.0 belong to another program on the package index"


def use(folder: Path) -> None:
    """Install the package as the Dockerfile does, and use it."""
    image = folder / "image"
    run_dockerfile(image)
    python, command = image / "opt/dbwarden/bin/python", image / "opt/dbwarden/bin/dbwarden"
    say("the session of make demo, with the installed command")
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    run(python, folder / "examples/quickstart/demo.py", cwd=folder)
    say("the installed package")
    run(command, "version", "--verbose", cwd=folder)
    program = "import dbwarden, pathlib, sys; p = pathlib.Path(dbwarden.__file__); assert p.is_relative_to(sys.prefix), p; print(p)"
    run(python, "-c", program, cwd=folder)
    run(python, "-m", "pip", "--disable-pip-version-check", "check", cwd=folder)
    say("the image of examples/container, on SQLite")
    project = folder / "examples/container"
    text = (project / "warden.toml").read_text()
    url = f'database_url_sync = "sqlite:///{folder}/${{DATABASE_HOST}}.db"'
    (project / "warden.toml").write_text(re.sub(r"database_type = .*\ndatabase_url_sync = .*", url, text))
    [words] = re.findall(r"^CMD (\[.*\])$", (project / "Dockerfile").read_text(), re.MULTILINE)
    variables = {"DATABASE_HOST": "db", "DATABASE_PASSWORD": "x"}
    run(command, *shlex.split(re.sub(r"[\[\],]", " ", words)), cwd=project, **variables)
    run(command, "status", "--exit-code", cwd=project, **variables)


NOT_HERE = ("apt-get ", "useradd ")
"""Beginnings of RUN lines that change the machine."""


def run_dockerfile(image: Path) -> None:
    """Run the commands of the Dockerfile with ``image`` as the root of the file system."""
    variables: dict[str, str] = {}
    here = image
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "WORKDIR":
            here = image / rest.lstrip("/")
            here.mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            for source in sources:
                copy(ROOT / source, here / source)
        elif instruction == "ARG" and "=" in rest:
            name, _, value = rest.partition("=")
            variables[name] = value
        elif instruction == "RUN" and not rest.startswith(NOT_HERE):
            say(f"Dockerfile: {rest}")
            # The folders of the image are below ours, and its Python is the one that runs this.
            shell = re.sub(r"(?<![\w/.])/(?=opt/|wheels)", f"{image}/", rest)
            shell = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", shell)
            run("sh", "-ec", shell, cwd=here, PIP_DISABLE_PIP_VERSION_CHECK="1", **variables)


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, as COPY does with what .dockerignore leaves."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    else:
        shutil.copy(source, target)


if __name__ == "__main__":
    sys.exit(main())
