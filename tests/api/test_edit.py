"""``make-migrations --edit``: the editor gets the new files, what it changes is proved again, and a failure leaves nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dbwarden.core.file import parse
from dbwarden.core.lexical_rules import ANSI
from dbwarden.core.proof_claim import ProofStatus, claim
from tests.support.command import run
from tests.support.project import Project

BEFORE = """
from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True), Column("phone", String(20)))
"""
AFTER = BEFORE.replace('Column("phone"', 'Column("mail", String(80), index=True), Column("phone"')
SPLIT = (
    BEFORE.replace("String(20)", "String(20), index=True")
    + 'Table("more", metadata, Column("id", Integer, primary_key=True))\n'
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/x.db")
    project.reach(BEFORE)
    run(project.folder, "export-models")
    project.models(AFTER)
    return project


def edit(project: Project, script: str, *argv: str, code: int = 0) -> str:
    """Run the command with an editor that executes ``script`` of the shell; its arguments are the files."""
    editor = project.folder.parent / "an editor.sh"
    editor.write_text(f'#!/bin/sh\necho "editing $#" >&2\n{script}\n')
    editor.chmod(0o755)
    words = ("make-migrations", "more", "--edit", *argv)
    return run(project.folder, *words, code=code, VISUAL=f"'{editor}'", EDITOR="false")


def files(folder: Path) -> dict[str, str]:
    state = folder / ".dbwarden/primary/model_state.json"
    return {str(path): path.read_text() for path in (*sorted((folder / "migrations/primary").iterdir()), state)}


def status(path: Path) -> ProofStatus:
    return claim(parse(path.name, path.read_text(), ANSI))


def test_a_file_that_stays_as_it_is(project: Project) -> None:
    shown = edit(project, ":")
    assert "editing 1" in shown and "was edited" not in shown
    assert status(project.files()[1]) is ProofStatus.PROVEN


def test_what_was_edited_is_proved_again(project: Project) -> None:
    shown = edit(project, """sed -i 's/^-- rollback/UPDATE users SET mail = phone;\\n\\n-- rollback/' "$1" """)
    assert "0002_more.sql was edited, and is proven again; its header says so." in shown
    (_, path) = project.files()
    assert status(path) is ProofStatus.PROVEN and "changes of rows not judged" in path.read_text()
    run(project.folder, "migrate")
    assert "Nothing to do" in run(project.folder, "make-migrations")


def test_what_was_edited_and_fails_is_unproven(project: Project) -> None:
    shown = edit(project, """sed -i 's/^-- rollback/UPDATE nowhere SET a = 1;\\n\\n-- rollback/' "$1" """, code=1)
    assert "Failed: upgrade: 0002_more.sql:8" in shown and "no such table: nowhere" in shown
    text = project.files()[1].read_text()
    assert "-- unproven: edited, and not all steps succeeded (" in text and "-- proven" not in text
    assert "UPDATE nowhere" in text, "the edits stay, to be corrected"
    assert "prove-what-was-edited" not in run(project.folder, "check")

    project.files()[1].unlink()
    edit(project, """sed -i 's/^-- rollback/UPDATE nowhere SET a = 1;\\n\\n-- rollback/' "$1" """, "--no-proof")
    assert "-- unproven: not tried out (--no-proof)" in project.files()[1].read_text()


FAILURES = [
    ("exit 3", "ended with 3", False),
    ("""echo '-- note' >> "$1"; exit 3""", "ended with 3", True),
    (""": > "$1" """, "0002_more.sql is empty", False),
    ("""rm "$1" """, "0002_more.sql was removed", False),
    ("""echo "SELECT 'x" >> "$1" """, "0002_more.sql", True),
    ("""printf -- '-- upgrade\\n\\n-- rollback\\nSELECT 1;\\n' > "$1" """, "0002_more.sql", True),
    ("""sed -i '/^-- rollback/q' "$1" """, "the rollback section of 0002_more.sql is empty", True),
    ("""printf '\\377' >> "$1" """, "0002_more.sql cannot be read", True),
]


def test_a_failure_leaves_nothing(project: Project) -> None:
    before = files(project.folder)
    for script, reason, copied in FAILURES:
        shown = edit(project, script, "--no-proof", code=1)
        assert "The new migration was not edited: " in shown and reason in shown
        assert "Nothing was written" in shown
        assert files(project.folder) == before
        copy = re.search(r"The edited text is kept in (\S+)\.", shown)
        assert bool(copy) == copied, script
        if copy is not None:
            assert Path(copy[1]).stat().st_size
            Path(copy[1]).unlink()
            Path(copy[1]).parent.rmdir()


def test_an_editor_is_needed_before_anything_is_compared(project: Project) -> None:
    before = files(project.folder)
    words = ("make-migrations", "more", "--edit")
    assert "neither VISUAL nor EDITOR is set" in run(project.folder, *words, code=2, VISUAL="", EDITOR="")
    assert "cannot be run: No such file" in run(project.folder, *words, code=1, VISUAL="", EDITOR="/nowhere/vi -x")
    assert "--plan or --sql" in run(project.folder, *words, "--sql", code=2, EDITOR="true")
    assert files(project.folder) == before


def test_offline_the_edited_text_is_held_against_the_same_schemas(project: Project) -> None:
    more = """sed -i 's/^-- rollback/CREATE TABLE more (id INTEGER);\\n\\n-- rollback/' "$1" """
    shown = edit(project, more, "--offline", code=1)
    assert "Failed: the upgrade leads to another schema than the models: table more is there" in shown
    assert (
        "-- unproven: edited, and the upgrade leads to another schema than the models" in project.files()[1].read_text()
    )


def test_each_file_of_several(project: Project) -> None:
    project.models(SPLIT)
    shown = edit(project, """sed -i 's/^-- rollback/UPDATE users SET id = id;\\n\\n-- rollback/' "$2" """, "--split")
    names = [path.name for path in project.files()[1:]]
    assert "editing 2" in shown and names == ["0002_more_additions.sql", "0003_more_indexes.sql"]
    assert f"{names[1]} was edited, and is proven again" in shown and f"{names[0]} was edited" not in shown
    assert all(status(path) is ProofStatus.PROVEN for path in project.files()[1:])
