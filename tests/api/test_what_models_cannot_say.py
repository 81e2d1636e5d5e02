"""Properties that SQLAlchemy has no keyword for stay while the tables that have them change, there and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import Project

TABLES = {
    "mysql": """CREATE TABLE staff (id INT NOT NULL AUTO_INCREMENT, pay INT, secret INT DEFAULT 3 INVISIBLE,
    PRIMARY KEY (id), INDEX ix_pay (pay) INVISIBLE);
CREATE TABLE rooms (id INT NOT NULL AUTO_INCREMENT, note VARCHAR(20), PRIMARY KEY (id))""",
    "mariadb": """CREATE TABLE staff (id INT NOT NULL AUTO_INCREMENT, pay INT, secret INT DEFAULT 3 INVISIBLE,
    PRIMARY KEY (id), INDEX ix_pay (pay) IGNORED) WITH SYSTEM VERSIONING;
CREATE TABLE rooms (id INT NOT NULL AUTO_INCREMENT, note VARCHAR(20), day_in DATE NOT NULL, day_out DATE NOT NULL,
    PERIOD FOR stay (day_in, day_out), PRIMARY KEY (id))""",
}
KEPT = {
    "mysql": ("INVISIBLE",),
    "mariadb": ("INVISIBLE", "IGNORED", "WITH SYSTEM VERSIONING", "PERIOD FOR `stay` (`day_in`, `day_out`)"),
}
MODELS = """from sqlalchemy import *
metadata = MetaData()
Table("staff", metadata, Column("id", Integer, primary_key=True), Column("pay", {pay}, index=False),
    Column("secret", {pay}, server_default="3"), Index("ix_pay", "pay"){staff})
Table("rooms", metadata, Column("id", Integer, primary_key=True), Column("note", {note}){days})
"""
DAYS = ', Column("day_in", Date, nullable=False), Column("day_out", Date, nullable=False)'


@pytest.mark.parametrize("database_url", ["mysql", "mariadb"], indirect=True)
def test_properties_without_a_keyword_stay(database_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", database_url)
    days = DAYS if project.engine == "mariadb" else ""
    project.execute(TABLES[project.engine])
    project.models(MODELS.format(pay="Integer", note="String(20)", staff="", days=days))
    assert project.generate("first").empty
    former = project.dump()

    more = ', Column("more", String(9), nullable=False, server_default="x", comment="more")'
    project.models(MODELS.format(pay="BigInteger", note="String(300)", staff=more, days=days))
    report = project.generate()
    assert report.proof.proven, report.proof.text
    assert report.text.count("system_versioning_alter_history = KEEP") == (4 if project.engine == "mariadb" else 0)
    project.migrate()
    changed = project.dump()
    assert changed != former and project.generate("again").empty
    for clause in KEPT[project.engine]:
        assert sum(text.count(clause) for text in changed) == sum(text.count(clause) for text in former) > 0
    project.rollback()
    assert project.dump() == former
