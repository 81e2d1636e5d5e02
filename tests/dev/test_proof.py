"""Both halves of a file for two engines are tried out before it is written."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dbwarden.api.comparison import CompareOptions
from dbwarden.api.dev import compare_for, variant_of
from dbwarden.api.make_migrations import file_text
from dbwarden.api.proof import LIMIT, ProofSubject, prove_migration
from dbwarden.api.renaming import RenameFlags
from dbwarden.api.workspace import open_workspace
from dbwarden.errors import ProofFailed
from tests.dev.project import DevProject
from tests.dev.test_same_file import NAMES, sources

MODELS = """
from sqlalchemy import *
from sqlalchemy.dialects.postgresql import *
metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True), Column("tags", ARRAY(Text)),
      Column("mood", Enum("glad", "sad", name="mood"), server_default="glad"){more})
"""
FORTH_AND_BACK = r"upgrade/rollback/upgrade, schema exact"


def tried(comparison: Any, other: Any, workspace: Any) -> Any:
    text = file_text(comparison, other)
    subject = ProofSubject(
        other.dialect, other.pair, other.changes, len(other.upgrade), text, comparison.dialect.lexical_rules
    )
    return prove_migration(workspace, subject, reachable=False)


def test_the_header_names_both_engines(postgresql_url: str, tmp_path: Path) -> None:
    project = DevProject(tmp_path, postgresql_url)
    for more, lost in (("", "users"), (', Column("at", DateTime)', "users.at")):
        project.models(MODELS.format(more=more))
        report = project.generate(dev=False, proof=None)
        there, here = (
            rf"{engine} [\d.]+, {FORTH_AND_BACK}, data lost on rollback: {lost}" for engine in ("postgresql", "sqlite")
        )
        assert re.match(rf"-- proven: {there}; {here}; digest \w+\n\n-- upgrade\n", report.text)
        assert report.proof.proven and report.variant_proof.proven
        assert project.files()[-1].read_text() == report.text
        project.migrate(dev=False)
        project.migrate()


def test_no_proof(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(MODELS.format(more=""))
    report = project.generate(proof=False)
    assert report.text.startswith("-- unproven: not tried out (--no-proof)\n\n-- upgrade\n")
    assert (report.proof, report.variant_proof) == (None, None)


def test_what_is_large_is_left_to_those_who_ask(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(
        MODELS.format(more="") + f"for n in range({LIMIT}): Table(f't{{n}}', metadata, Column('a', Integer))\n"
    )
    report = project.generate(proof=None)
    reason = rf"it is large \({LIMIT + 2} statements\), tried out only with --proof"
    assert re.match(rf"-- unproven: {reason}; sqlite: it is large \({LIMIT + 1} statements\)", report.text)
    assert [one.proven for one in (report.proof, report.variant_proof)] == [False, False]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            {"upgrade": ("CREATE TABLE users (id INTEGER NOT NULL, PRIMARY KEY (id))",)},
            "another schema than the models",
        ),
        ({"upgrade": ("CREATE TABLE users (",)}, "statement 1 failed"),
        ({"rollback": ("SELECT 1",)}, "the rollback does not lead back"),
    ],
)
def test_a_wrong_variant_is_refused(wrong: dict[str, Any], reason: str, tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(MODELS.format(more=""))
    workspace = open_workspace(project.config, dev=True)
    comparison = compare_for(workspace, CompareOptions(dev=True))
    right = variant_of(workspace, comparison, False)
    assert right is not None
    assert tried(comparison, right, workspace).proven
    with pytest.raises(ProofFailed, match=reason) as raised:
        tried(comparison, replace(right, **wrong), workspace)
    assert "SQLite 3" in raised.value.message
    assert ("create_all() fails too" in (raised.value.hint or "")) == (reason == "statement 1 failed")


RENAMES = [
    (("moods", "mood", "glad"), ("faces", "mood", "glad"), RenameFlags(tables=("moods:faces",))),
    (("moods", "mood", "glad"), ("moods", "face", "glad"), RenameFlags(parts=("moods.mood:face",))),
    (("moods", "mood", "happy"), ("moods", "mood", "glad"), RenameFlags(parts=("mood.happy:glad",))),
    (
        ("moods", "mood", "happy"),
        ("faces", "face", "glad"),
        RenameFlags(("moods:faces",), ("faces.mood:face", "mood.happy:glad")),
    ),
]
MOODS = """
from sqlalchemy import *
metadata = MetaData()
Table("{}", metadata, Column("id", Integer, primary_key=True), Column("{}", Enum("{}", "sad", name="mood")))
"""


@pytest.mark.parametrize(("before", "after", "flags"), RENAMES, ids=["table", "column", "label", "all"])
def test_renames_are_proven(
    before: tuple[str, ...], after: tuple[str, ...], flags: RenameFlags, postgresql_url: str, tmp_path: Path
) -> None:
    project = DevProject(tmp_path, postgresql_url)
    project.models(MOODS.format(*before))
    project.generate(dev=False)
    project.migrate(dev=False)
    project.models(MOODS.format(*after))
    report = project.generate(dev=False, proof=None, renames=flags)
    assert report.proof.proven and report.variant_proof.proven and report.renames


@pytest.mark.parametrize("case", NAMES)
def test_variants_of_cases_are_proven(case: str, tmp_path: Path) -> None:
    """That production's half is, is what ``tests/cases`` looks at."""
    project = DevProject(tmp_path)
    for source in sources(case):
        project.models(source)
        workspace = open_workspace(project.config, dev=True)
        comparison = compare_for(workspace, CompareOptions(dev=True))
        other = variant_of(workspace, comparison, False)
        assert other is not None
        if comparison.plan:
            assert tried(comparison, other, workspace).proven
        project.generate()


def test_nothing_to_do_here_is_proven_too(postgresql_url: str, tmp_path: Path) -> None:
    project = DevProject(tmp_path, postgresql_url)
    project.models(MODELS.format(more=""))
    project.generate(dev=False)
    project.migrate(dev=False)
    project.models(MODELS.format(more=', comment="people"'))
    assert re.match(
        rf"-- proven: postgresql .*; sqlite [\d.]+, {FORTH_AND_BACK}; digest \w+\n",
        project.generate(dev=False, proof=None).text,
    )
