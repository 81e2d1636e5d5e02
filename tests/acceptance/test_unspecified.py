"""What the models leave unspecified stays as the database has it; what they once specified goes with them."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from tests.support.cases import sqlalchemy_is_at_least
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
TABLE = 'Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Integer){more})\n'
PLAIN = HEAD + TABLE.format(more="")
INDEXED = HEAD + TABLE.format(more=', Index("ix", "a"), UniqueConstraint("a", name="uq")')
SPACED = HEAD + (
    'Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Integer),'
    ' Column("e", Enum("x", name="e", schema="s")), schema="s")\n'
    'Table("s", metadata, Column("id", Integer, primary_key=True), comment="from the models")\n'
)
COUNTED = (
    HEAD + 'Sequence("s", metadata=metadata)\n'
    'Table("t", metadata, Column("id", Integer, Identity(), primary_key=True), Column("a", Integer))\n'
)

BY_HAND_POSTGRESQL = {
    "of a table": (
        PLAIN,
        "ALTER TABLE t SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);\nALTER TABLE t SET UNLOGGED;\n"
        "COMMENT ON TABLE t IS 'by hand';\nCOMMENT ON COLUMN t.a IS 'by hand'",
    ),
    "of a schema and a type": (SPACED, "COMMENT ON SCHEMA s IS 'by hand';\nCOMMENT ON TYPE s.e IS 'by hand'"),
    "of indexes and constraints": (
        INDEXED,
        "COMMENT ON INDEX ix IS 'by hand';\nCOMMENT ON CONSTRAINT uq ON t IS 'by hand';\n"
        "ALTER INDEX ix SET (fillfactor = 50);\nALTER INDEX uq SET (fillfactor = 50)",
    ),
    "of sequences": (COUNTED, "ALTER SEQUENCE s CACHE 20 CYCLE;\nALTER TABLE t ALTER COLUMN id SET CACHE 20"),
}
NO_ID = "DROP TABLE t;\nCREATE TABLE t (id INTEGER NOT NULL, a INTEGER, PRIMARY KEY (id)){options}"
BY_HAND_SQLITE = {
    "strict": (PLAIN, NO_ID.format(options=" STRICT")),
    "without rowid": (PLAIN, NO_ID.format(options=" WITHOUT ROWID")),
    "autoincrement": (
        PLAIN,
        "DROP TABLE t;\nCREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, a INTEGER)",
    ),
}
ADOPTED = [("postgresql", name) for name in BY_HAND_POSTGRESQL] + [("sqlite", name) for name in BY_HAND_SQLITE]


ROWS = {
    PLAIN: "INSERT INTO t (id, a) VALUES (1, 5), (2, 6);",
    INDEXED: "INSERT INTO t (id, a) VALUES (1, 5), (2, 6);",
    SPACED: "INSERT INTO s.t (id, a, e) VALUES (1, 5, 'x');\nINSERT INTO s VALUES (3);",
    COUNTED: "INSERT INTO t (a) VALUES (5), (6);",
}


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    return Project(tmp_path / "project", request.getfixturevalue(f"{request.param}_url"))


def generated(project: Project) -> str:
    report = project.generate()
    text: str = report.text
    assert report.empty or report.proof.proven, text
    return text


@pytest.mark.parametrize(("project", "what"), ADOPTED, indirect=["project"])
def test_what_was_set_by_hand_stays(project: Project, what: str) -> None:
    models, by_hand = (BY_HAND_POSTGRESQL if project.engine == "postgresql" else BY_HAND_SQLITE)[what]
    project.reach(models, "first")
    project.execute(by_hand)
    project.execute(ROWS[models])
    rows = project.content()
    assert generated(project) == ""

    # Beside a change of the same object it stays as well, there and back, and so do the rows.
    project.models(models.replace('Column("a", Integer)', 'Column("a", Integer, nullable=False), Column("b", Integer)'))
    before = project.dump()
    assert generated(project) != ""
    dbwarden.migrate(config=project.config)
    assert project.generate("again").empty
    reached, filled = project.dump(), project.content()
    assert {table: len(rows_of_table) for table, rows_of_table in filled.items()} == {
        table: len(rows_of_table) for table, rows_of_table in rows.items()
    }
    dbwarden.rollback(config=project.config)
    assert (project.dump(), project.content()) == (before, rows)
    dbwarden.migrate(config=project.config)
    assert (project.dump(), project.content()) == (reached, filled)


WITH_ON_TABLES = sqlalchemy_is_at_least("2.1")
"""SQLAlchemy 2.1 knows ``postgresql_with`` of a table, 2.0 of an index only."""
SPECIFIED = {
    "postgresql": (
        ', Index("ix", "a", postgresql_with={"fillfactor": 70}), UniqueConstraint("a", name="uq", comment="from the models"),'
        ' prefixes=["UNLOGGED"], comment="from the models"' + ', postgresql_with={"fillfactor": 70}' * WITH_ON_TABLES,
        ', Index("ix", "a"), UniqueConstraint("a", name="uq")',
        ("SET LOGGED", "COMMENT ON TABLE t IS NULL", "COMMENT ON CONSTRAINT uq ON t IS NULL", "DROP INDEX CONCURRENTLY ix",
         *["TABLE t RESET (fillfactor)"] * WITH_ON_TABLES),
    ),
    "sqlite": (", sqlite_strict=True, sqlite_autoincrement=True", "", ("a INTEGER\n);", "id INTEGER NOT NULL PRIMARY KEY,")),
}  # fmt: skip


@pytest.mark.parametrize("proof", [None, False], ids=["proven", "not tried out"])
@pytest.mark.parametrize("project", SPECIFIED, indirect=True)
def test_what_generated_migrations_wrote_goes(project: Project, proof: bool | None) -> None:
    former, new, expected = SPECIFIED[project.engine]
    project.models(HEAD + TABLE.format(more=former))
    project.generate("first", proof=proof)
    project.migrate()
    project.execute(ROWS[PLAIN])
    before, rows = project.dump(), project.content()
    project.models(HEAD + TABLE.format(more=new))
    text = generated(project)
    for words in expected:
        assert words in text
    dbwarden.migrate(config=project.config)
    assert project.generate("again").empty
    reached = project.dump()
    assert project.content() == rows
    dbwarden.rollback(config=project.config)
    assert (project.dump(), project.content()) == (before, rows)
    dbwarden.migrate(config=project.config)
    assert (project.dump(), project.content()) == (reached, rows)


@pytest.mark.skipif(not WITH_ON_TABLES, reason="SQLAlchemy 2.1 is the first with postgresql_with of a table")
def test_the_state_file_says_what_the_models_once_specified(tmp_path: Path, postgresql_url: str) -> None:
    """The table was adopted: no file of ours created it."""
    project = Project(tmp_path / "project", postgresql_url)
    project.execute("CREATE TABLE t (id serial PRIMARY KEY, a integer) WITH (fillfactor = 70, parallel_workers = 2)")
    project.models(HEAD + TABLE.format(more=', postgresql_with={"fillfactor": 70}'))
    dbwarden.export_models(config=project.config)
    assert generated(project) == ""
    project.models(PLAIN)
    assert "RESET (fillfactor);" in generated(project)


def test_a_default_that_is_written_out_is_specified(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    project.execute("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a INTEGER) STRICT")
    project.models(HEAD + TABLE.format(more=", sqlite_strict=False"))
    assert "STRICT" not in generated(project).partition("-- rollback")[0]
    project.models(PLAIN)
    assert project.generate().empty or project.files()


def test_hand_written_files_specify_nothing(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.reach(PLAIN, "first")
    (project.folder / "migrations/primary/0002_by_hand.sql").write_text(
        "-- upgrade\nALTER TABLE t SET (fillfactor = 70);\n-- rollback\nALTER TABLE t RESET (fillfactor);\n"
    )
    project.migrate()
    assert generated(project) == ""


def test_a_parent_that_was_given_by_hand_stays(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.reach(PLAIN, "first")
    project.execute("CREATE TABLE parent (a integer);\nALTER TABLE t INHERIT parent")
    assert generated(project) == ""
