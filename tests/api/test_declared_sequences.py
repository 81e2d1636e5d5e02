"""Sequences with a column that owns them, a type and a comment."""

from __future__ import annotations

from pathlib import Path

from tests.support.project import Project

MODELS = """from sqlalchemy import *
from dbwarden.objects import Sequence
metadata = MetaData()
numbers = Sequence("tickets", metadata=metadata, {sequence}, data_type=Integer, owned_by="orders.number")
Table("orders", metadata, Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False, server_default=numbers.next_value()){more})
"""


def _there_and_back(project: Project, statement: str) -> None:
    """A sequence that would be a serial's by what the catalogue says of it stays one of its own, and changes with its table."""
    project.reach(MODELS.format(sequence="comment='x'", more=""))
    assert project.generate().empty
    first = project.dump()
    project.models(MODELS.format(sequence="comment='y', cache=7", more=", Column('n', Integer)"))
    report = project.generate()
    assert report.proof.proven and statement in report.text
    project.migrate()
    assert project.generate().empty
    project.rollback()
    assert project.dump() == first


def test_an_owned_sequence_that_fills_its_column(postgresql_url: str, tmp_path: Path) -> None:
    _there_and_back(Project(tmp_path / "project", postgresql_url), "COMMENT ON SEQUENCE tickets IS 'y'")


def test_a_sequence_with_a_type(mariadb_11_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", mariadb_11_url)
    _there_and_back(project, "ALTER TABLE tickets COMMENT 'y'")
    assert any("as int" in line for line in project.dump())
