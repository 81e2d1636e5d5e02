"""The commands of the page on continuous integration, typed on a branch that is wrong and on one that is right."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.project import Project

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "concepts" / "ci.md").read_text()
MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True){more})
"""
AGE = ', Column("age", Integer)'


def commands() -> list[list[str]]:
    """The first block of the page, and what its workflow runs."""
    block = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)[0]
    workflow = re.findall(r"- run: (dbwarden [^>\n]*)", PAGE)
    return [shlex.split(line)[1:] for line in (*block.splitlines(), *workflow)]


def git(folder: Path, *argv: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *argv], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commands_of_the_page(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", "postgresql://me:s3cret@127.0.0.1:1/none")
    folder = project.folder
    project.models(MODELS.format(more=""))
    run(folder, "make-migrations", "users", "--offline", "--no-proof")
    (folder / "migrations/primary/0000_old.sql").write_text("-- upgrade\nDROP TABLE old;\n-- rollback\nSELECT 1;\n")
    for argv in (["init"], ["add", "."], ["commit", "-m", "x"], ["update-ref", "refs/remotes/origin/main", "HEAD"]):
        git(folder, *argv)
    typed = commands()
    assert len(typed) == 4 and typed[0] == ["export-models", "--check"]
    for argv in typed:
        run(folder, *argv)

    project.models(MODELS.format(more=AGE))
    ends = [run(folder, *argv, code=code) for argv, code in zip(typed, (4, 0, 4, 0), strict=True)]
    assert "users: add column age INTEGER" in ends[0]

    run(folder, "make-migrations", "age", "--offline", "--no-proof")
    for argv in typed:
        run(folder, *argv)

    project.models(MODELS.format(more=""))
    run(folder, "make-migrations", "no age", "--offline", "--no-proof")
    for argv, code in zip(typed, (0, 5, 0, 5), strict=True):
        run(folder, *argv, code=code)
