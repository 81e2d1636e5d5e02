"""Tables that somebody partitioned: they block nothing, and a dropped one comes back with its partitions."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

import dbwarden
from dbwarden.api.comparison import CompareOptions
from tests.support.project import Project

HEAD = "from sqlalchemy import Column, Index, Integer, MetaData, Table, text\n\nmetadata = MetaData()\n"
KEY = (
    'Column("id", Integer, primary_key=True, autoincrement=False),'
    ' Column("k", Integer, primary_key=True, server_default=text("1"))'
)
SILENT = HEAD + 'Table("t", metadata, Column("id", Integer, primary_key=True))\n'
PARENT = SILENT + f'Table("p", metadata, {KEY}, Index("by_k", "k"), Column("new", Integer, nullable=True))\n'
REFLECTED = SILENT + "".join(
    f'Table("{name}", metadata, {KEY}, Index("by_k" if "{name}" == "p" else "{name}_k_idx", "k"))\n'
    for name in ("p", "p1", "p2", "p2a")
)
PARTITIONED = """CREATE TABLE p (id INT NOT NULL, k INT DEFAULT 1, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE INDEX by_k ON p (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) WITH (fillfactor='70');
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2) PARTITION BY RANGE (id);
CREATE TABLE p2a PARTITION OF p2 FOR VALUES FROM (1) TO (10);
CREATE TABLE "rest of it" PARTITION OF p DEFAULT;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER everywhere AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER here AFTER INSERT ON p1 FOR EACH ROW EXECUTE FUNCTION f();
CREATE UNIQUE INDEX own ON p1 (id);
ALTER TABLE p1 ADD CONSTRAINT positive CHECK (id > 0);
ALTER TABLE p1 ALTER id SET DEFAULT 7;
COMMENT ON TABLE p1 IS 'the first';
INSERT INTO p VALUES (1, 1), (2, 2), (3, 3)"""


@pytest.fixture
def project(postgresql_url: str, tmp_path: Path) -> Project:
    with psycopg.connect(postgresql_url, autocommit=True) as conn:
        for sql in PARTITIONED.split(";\n"):
            conn.execute(sql.encode())
    return Project(tmp_path / "project", postgresql_url)


def test_where_models_are_silent_it_is_left_alone_and_listed(project: Project) -> None:
    project.models(SILENT)
    report = project.generate()
    table = "table p (partitions p1, p2, rest of it, p2a)"
    assert report.unowned == ("function f()", table, "trigger p.everywhere")
    former = [line for line in project.dump() if "public.t" not in line]
    project.migrate()
    assert [line for line in project.dump() if "public.t" not in line] == former
    assert project.generate("again").empty
    assert dbwarden.diff(config=project.config).unowned == report.unowned


def test_models_that_map_it_change_it(project: Project) -> None:
    project.models(PARENT)
    project.generate()
    former = project.dump()
    project.migrate()
    assert project.generate("again").empty
    assert any("public.p1 (" in line and "new integer" in line for line in project.dump())
    project.rollback()
    assert project.dump() == former


def test_models_that_map_the_partitions_too_agree(project: Project) -> None:
    project.models(REFLECTED)
    report = project.generate()
    assert [line for line in report.text.splitlines() if line.startswith(("CREATE", "ALTER", "DROP"))] == [
        "CREATE TABLE t (",
        "DROP TABLE t;",
    ]
    assert any("mapped to p2a, which is a partition of table p" in note for note in report.notes)


def test_a_dropped_one_comes_back_with_its_partitions(project: Project) -> None:
    project.reach(SILENT, "first")
    former = project.dump()
    report = project.generate("second", options=CompareOptions(drop_unowned=True))
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert not any("public.p" in line for line in project.dump())
    project.rollback()
    assert project.dump() == former


def test_what_cannot_come_back_is_said(project: Project) -> None:
    project.execute("CREATE STATISTICS s ON id, k FROM p1;\n")
    project.models(SILENT)
    report = project.generate("first", options=CompareOptions(drop_unowned=True), proof=False)
    assert "-- irreversible: " in report.text and "statistics s on p1" in report.text
