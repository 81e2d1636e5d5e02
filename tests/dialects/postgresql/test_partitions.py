"""Partitions: those that nobody declares block nothing and come back with their table; declared ones are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

import dbwarden
from dbwarden import dialects
from dbwarden.api.comparison import CompareOptions
from dbwarden.api.dropping import DropFlags
from dbwarden.dialects.postgresql.partition_bounds import bounds_key
from dbwarden.errors import ModelReadError
from dbwarden.models.read import read
from tests.support.dump import dump_postgresql
from tests.support.project import Project, metadata_of

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


DECLARED = (
    SILENT.replace("Table, text", "Table, text\nfrom dbwarden.objects import Partition")
    + f'Table("p", metadata, {KEY}, Index("by_k", "k"), {{}} postgresql_partition_by="LIST (k)")\n'
)
FIRST, SECOND = 'Partition("p1", values=[1]),', 'Partition("p2", values=[2], partition_by="RANGE (id)"),'


def _notes(report: Any) -> list[str]:
    return [note for note in report.notes if "partition" in note]


def test_one_that_is_declared_and_exists_is_no_change(project: Project) -> None:
    project.models(DECLARED.format(FIRST))
    report = project.generate()
    assert _notes(report) == [
        "table p also has partitions that no model declares: p2, rest of it, p2a. They are left alone."
    ]
    former = [line for line in project.dump() if "public.t" not in line]
    project.migrate()
    assert [line for line in project.dump() if "public.t" not in line] == former
    assert project.generate("again").empty


def test_a_table_without_declarations_keeps_all(project: Project) -> None:
    project.reach(DECLARED.format(FIRST), "first")
    project.models(DECLARED.format(""))
    assert project.generate("second").empty


def test_one_that_moves_keeps_what_it_has_of_its_own(project: Project) -> None:
    project.execute("DELETE FROM p WHERE k <> 2;\nGRANT SELECT ON p1 TO PUBLIC;\n")
    project.reach(DECLARED.format(FIRST + SECOND), "first")
    former = project.dump()
    project.models(DECLARED.format('Partition("p1", values=[7, "8"]),' + SECOND))
    report = project.generate("second")
    assert report.proof.proven, report.proof.text
    project.migrate()
    reached = project.dump()
    assert [line for line in former if "FOR VALUES IN (1)" in line] == [
        line.replace("IN (7, 8)", "IN (1)") for line in reached if "FOR VALUES IN (7, 8)" in line
    ]
    kept = [line for line in former if "p1" in line and "ATTACH" not in line]
    assert len(kept) > 5 and set(kept) <= set(reached)
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former


def test_rows_that_a_moved_one_no_longer_takes_stop_the_migration(project: Project) -> None:
    project.reach(DECLARED.format(FIRST), "first")
    former = project.dump()
    project.models(DECLARED.format('Partition("p1", values=[7]),'))
    project.generate("second")
    with pytest.raises(dbwarden.DBWardenError, match=r"violated by some row"):
        project.migrate()
    assert project.dump() == former


def test_one_that_leaves_the_models_is_dropped_or_kept(project: Project) -> None:
    project.reach(DECLARED.format(FIRST), "first")
    project.execute("DELETE FROM p WHERE k = 3;\n")
    project.reach(DECLARED.format(FIRST + 'Partition("p30", values=[30]),'), "second")
    project.models(DECLARED.format(FIRST))
    kept = project.generate("third", options=CompareOptions(drops=DropFlags(keep=["p30"])), proof=False)
    assert kept.empty
    report = project.generate("third")
    assert "DROP TABLE p30;" in report.text and "CONCURRENTLY" not in report.text  # a default partition is beside it
    assert report.proof.proven and "data lost: p30" in report.proof.text
    # What somebody else made stays.
    assert "DROP TABLE p2" not in report.text


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [
        ('Partition("x"),', "it has no bounds"),
        ('Partition("x", values=[1], default=True),', "it has values and default"),
        ('Partition("x", from_=1),', "it has one of from_ and to"),
        ('Partition("x", modulus=4),', "it has one of modulus and remainder"),
        ('Partition("x", values=[1], partitions=[Partition("y", values=[1])]),', "no partition_by"),
        ('Partition("x", values=[1]), Partition("x", values=[2]),', "two of that name"),
    ],
)
def test_mistakes_are_named_with_their_place(declaration: str, reason: str) -> None:
    dialect = dialects.get("postgresql")
    with pytest.raises(ModelReadError, match=reason) as error:
        read([metadata_of(DECLARED.format(declaration))], dialect)
    assert "partition x" in str(error.value)


def test_bounds_of_a_table_that_is_not_partitioned_are_named() -> None:
    plain = DECLARED.format(FIRST).replace('postgresql_partition_by="LIST (k)"', "")
    with pytest.raises(ModelReadError, match="its table p is not partitioned"):
        read([metadata_of(plain)], dialects.get("postgresql"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FOR VALUES FROM (1) TO (10)", "for values from ( 1 ) to (10)"),
        ("FOR VALUES IN ('b', 'a', NULL)", "FOR VALUES IN ('a', NULL, 'b')"),
        ("FOR VALUES FROM ('2025-01-01') TO (MAXVALUE)", "FOR VALUES FROM ('2025-01-01 00:00:00') TO (maxvalue)"),
        (
            "FOR VALUES FROM ('2025-01-01 02:00:00+02') TO ('2026-01-01 00:00:00+00')",
            "FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2025-12-31 19:00:00-05')",
        ),
        ("FOR VALUES FROM (1.50) TO (2)", "FOR VALUES FROM ('1.5') TO ('2')"),
    ],
)
def test_bounds_are_compared_by_what_they_mean(one: str, other: str) -> None:
    assert bounds_key(one) == bounds_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FOR VALUES IN ('01')", "FOR VALUES IN ('1')"),
        ("FOR VALUES IN ('A')", "FOR VALUES IN ('a')"),
        ("FOR VALUES FROM (1) TO (2)", "FOR VALUES FROM (2) TO (1)"),
        ("FOR VALUES IN ('a,b')", "FOR VALUES IN ('a', 'b')"),
        ("FOR VALUES IN ('NULL')", "FOR VALUES IN (NULL)"),
    ],
)
def test_different_bounds_differ(one: str, other: str) -> None:
    assert bounds_key(one) != bounds_key(other)


def test_a_table_that_is_declared_as_a_partition_is_attached_with_its_rows(project: Project) -> None:
    project.execute('DROP TABLE "rest of it";\n')
    table = f'Table("p9", metadata, {KEY}, Index("p9_k_idx", "k"))\n'
    project.reach(DECLARED.format("") + table, "first")
    project.execute("INSERT INTO p9 VALUES (1, 9);\n")
    former = project.dump()
    project.models(DECLARED.format('Partition("p9", values=[9]),'))
    report = project.generate("second")
    assert "data lost" not in report.text
    project.migrate()
    assert project.rows({"p": ["id"]}) == {"p": [("1",), ("1",), ("2",)]}
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former and project.rows({"p9": ["id"]}) == {"p9": [("1",)]}


def test_a_table_without_an_index_of_its_parent_would_keep_it(project: Project) -> None:
    project.execute('DROP TABLE "rest of it";\n')
    project.reach(DECLARED.format("") + f'Table("p9", metadata, {KEY})\n', "first")
    project.models(DECLARED.format('Partition("p9", values=[9]),'))
    report = project.generate("second", proof=False)
    assert (
        "-- irreversible: " in report.text and "which would stay: detach it in a migration of your own" in report.text
    )


def test_a_dropped_partition_comes_back_with_all_that_it_had_of_its_own(project: Project) -> None:
    project.reach(DECLARED.format(FIRST + 'Partition("p30", values=[30]),'), "first")
    project.execute(
        "GRANT SELECT, INSERT ON p30 TO pg_monitor WITH GRANT OPTION;\nGRANT SELECT ON p30 TO PUBLIC;\n"
        "ALTER TABLE p30 ENABLE ROW LEVEL SECURITY;\nCREATE INDEX own30 ON p30 (id DESC);\n"
        "ALTER TABLE p30 ADD CONSTRAINT small CHECK (id < 100);\nALTER TABLE p30 SET (fillfactor = 60);\n"
        "COMMENT ON TABLE p30 IS 'thirty';\nALTER TABLE p30 OWNER TO pg_read_all_settings;\n"
    )
    former = dump_postgresql(project.url, owners=True)
    project.reach(DECLARED.format(FIRST), "second")
    assert not any("p30" in line for line in project.dump())
    project.rollback()
    assert dump_postgresql(project.url, owners=True) == former
