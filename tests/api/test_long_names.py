"""Names that are too long for PostgreSQL, which counts bytes: cut as the server cuts them, and never renamed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbwarden.errors import Unsupported
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
LONG = "ä" * 40 + "_bestellungen"  # 53 characters, 93 bytes
WIDE = "verträge_" + "ü" * 50
MODELS = {
    "table": f'Table("{LONG}", metadata, Column("id", Integer, primary_key=True), Column("a", Integer, index=True, unique=True))\n',
    "column": (
        f'Table("t", metadata, Column("id", Integer, primary_key=True),\n'
        f'    Column("{LONG}", Integer, server_default="1", index=True))\n'
    ),
    "constraints": (
        'Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Integer),\n'
        f'    UniqueConstraint("a", name="{LONG}"), CheckConstraint("a > 0", name="{WIDE}"))\n'
    ),
    "index": f'Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Integer), Index("{LONG}", "a"))\n',
    "enum": (
        'Table("t", metadata, Column("id", Integer, primary_key=True),\n'
        f'    Column("m", Enum("a", "b", name="{LONG}"), server_default="a"))\n'
    ),
    "sequence": f'Sequence("{LONG}", metadata=metadata)\nTable("t", metadata, Column("id", Integer, primary_key=True))\n',
    "schema": f'Table("t", metadata, Column("id", Integer, primary_key=True), schema="{LONG}")\n',
    "foreign key": (
        f'Table("{LONG}", metadata, Column("id", Integer, primary_key=True))\n'
        f'Table("u", metadata, Column("id", Integer, primary_key=True), Column("{WIDE}", ForeignKey("{LONG}.id")))\n'
    ),
    "convention": (
        'metadata.naming_convention = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s",\n'
        '    "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s",\n'
        '    "pk": "pk_%(table_name)s"}\n'
        f'Table("{"ö" * 25}", metadata, Column("id", Integer, primary_key=True), Column("{"ü" * 25}", Integer, index=True),\n'
        f'    Column("a", Integer, unique=True), CheckConstraint("a > 0", name="{"ß" * 20}"))\n'
    ),
}


@pytest.mark.parametrize("what", MODELS)
def test_long_names_are_cut_as_the_server_cuts_them(tmp_path: Path, postgresql_url: str, what: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.models(HEAD + MODELS[what])
    report = project.generate("first")
    assert report.proof.proven, report.proof.text
    project.migrate()
    again = project.generate("again")
    assert again.empty, again.text
    project.models(HEAD + MODELS[what].replace('"id", Integer', '"id", BigInteger'))
    report = project.generate("more")
    assert report.proof.proven and "RENAME" not in report.text, report.text
    project.rollback()
    assert project.dump() == []


def test_two_names_that_become_one_are_refused(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    indexes = f'Index("{"ä" * 40}", "a"), Index("{"ä" * 50}", "a")'
    project.models(
        HEAD + f'Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Integer), {indexes})\n'
    )
    with pytest.raises(Unsupported, match=r"it is cut to 63 bytes, and there is a index t\.ä+ already"):
        project.generate()
