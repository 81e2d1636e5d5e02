"""Drops, adds, renames and changes of case drawn at random, on filled tables: no value goes without ``--force``, and the header
of a generated file names every column that loses its values."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import dbwarden
from dbwarden import CompareOptions, RenameFlags, dialects
from dbwarden.api.connection import connect
from dbwarden.errors import MigrationFailed, UnsafeMigration, UnsafeRollback
from tests.servers import engine_url
from tests.support.effort import examples
from tests.support.project import Project

MYSQL = ("mysql", "mariadb")
COLUMNS = ("a", "b", "Name", "order_no")
QUICK = settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))


class Filled(Project):
    """A database with one table whose every value is another one."""

    @property
    def text(self) -> str:
        """The usual type; MySQL's TEXT has no default."""
        return "String(200)" if self.engine == "mysql" else "Text"

    @property
    def other_text(self) -> str:
        return "Text" if self.engine == "mysql" else "String(200)"

    def quoted(self, name: str) -> str:
        mark = "`" if self.engine in MYSQL else '"'
        return f"{mark}{name}{mark}"

    def reset(self, columns: tuple[str, ...]) -> None:
        """An empty project on an empty database, the table filled."""
        shutil.rmtree(self.folder / "migrations", ignore_errors=True)
        with connect(self.url) as conn:
            dialects.get(self.engine).clear(conn)
        self.reach(self.source("items", columns))
        with connect(self.url) as conn:
            for row in (1, 2):
                values = ", ".join(f"'<{column}{row}>'" for column in columns)
                listed = "".join(f", {self.quoted(column)}" for column in columns)
                conn.execute(f"INSERT INTO items (id{listed}) VALUES ({row}, {values})")

    def source(self, table: str, columns: tuple[str, ...], types: tuple[str, ...] = ()) -> str:
        kinds = types or (self.text,) * len(columns)
        listed = "".join(f', Column("{name}", {kind})' for name, kind in zip(columns, kinds, strict=True))
        return (
            "from sqlalchemy import *\n\nmetadata = MetaData()\n"
            f'Table("{table}", metadata, Column("id", Integer, primary_key=True){listed})\n'
        )

    def columns(self) -> dict[str, list[str]]:
        """The columns of every table."""
        engine = sa.create_engine(engine_url(self.url), poolclass=sa.NullPool)
        inspector = sa.inspect(engine)
        tables = [name for name in inspector.get_table_names() if not name.startswith("dbwarden_")]
        columns = {name: [column["name"] for column in inspector.get_columns(name)] for name in tables}
        engine.dispose()
        return columns

    def values(self) -> set[str]:
        """Every text in every table."""
        with connect(self.url, read_only=True) as conn:
            rows = [row for table in self.columns() for row in conn.query(f"SELECT * FROM {self.quoted(table)}")]
        return {str(value) for row in rows for value in row if str(value).startswith("<")}


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Filled:
    return Filled(tmp_path / "project", database_url)


some_columns = st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True).map(tuple)
cases = st.sampled_from((str, str.upper, str.lower, str.swapcase))


# -- files that somebody wrote ------------------------------------------------------------------------------------


@st.composite
def statements(draw: st.DrawFn, columns: tuple[str, ...], quoted: Callable[[str], str]) -> list[str]:
    """Some changes, one after the other; a few cannot run, as files by hand do."""
    sqls: list[str] = []
    names = [*columns, "fresh"]
    table = "items"
    for _ in range(draw(st.integers(1, 4))):
        gap = draw(st.sampled_from((" ", "\n", " /* c */ ", " -- c\n")))
        column, other = draw(st.sampled_from(names)), draw(st.sampled_from((*names, "moved")))
        if draw(st.booleans()):
            column = draw(cases)(column)
        change = draw(
            st.sampled_from(
                (
                    f"DROP{gap}COLUMN{gap}{quoted(column)}",
                    f"ADD{gap}COLUMN{gap}{quoted(column)}{gap}TEXT",
                    f"RENAME{gap}COLUMN{gap}{quoted(column)}{gap}TO{gap}{quoted(other)}",
                    f"RENAME{gap}TO{gap}{quoted('other')}",
                    None,
                )
            )
        )
        if change is None:
            sqls += [f"DROP{gap}TABLE{gap}{table}", f"CREATE{gap}TABLE{gap}{table} (id INTEGER, a TEXT)"]
        else:
            sqls.append(f"ALTER{gap}TABLE{gap}{table}{gap}{change}")
            plain = re.sub(r"\s|/\*.*?\*/|--.*", "", change)
            table = "other" if plain.endswith(f"TO{quoted('other')}") else table
    return sqls


@QUICK
@given(data=st.data())
def test_a_file_by_hand_loses_nothing_without_force(project: Filled, data: st.DataObject) -> None:
    columns = data.draw(some_columns)
    upgrade = data.draw(statements(columns, project.quoted))
    project.reset(columns)
    before = project.values()
    assert len(before) == 2 * len(columns)
    text = "-- irreversible: by hand\n\n-- upgrade\n" + "".join(f"{sql};\n" for sql in upgrade)
    note(text)
    (project.folder / "migrations" / "primary" / "0002_by_hand.sql").write_text(text)
    with suppress(UnsafeMigration, MigrationFailed):
        dbwarden.migrate(config=project.config)
    assert project.values() == before


# -- generated files ----------------------------------------------------------------------------------------------


@QUICK
@given(data=st.data())
def test_the_header_names_every_value_that_goes(project: Filled, data: st.DataObject) -> None:
    columns = data.draw(some_columns)
    project.reset(columns)
    before = project.values()
    wanted: dict[str, str] = {}
    flags: list[str] = []
    for column in columns:
        fate = data.draw(st.sampled_from(("stays", "stays", "goes", "renamed", "in another case")))
        if fate == "stays":
            wanted[column] = data.draw(st.sampled_from((project.text, project.text, project.other_text)))
        elif fate == "renamed":
            wanted[f"new_{column}"] = project.text
            flags.append(f"items.{column}:new_{column}")
        elif fate == "in another case":
            wanted[data.draw(st.sampled_from((column.upper(), column.lower(), column.swapcase())))] = project.text
    if data.draw(st.booleans()):
        wanted["extra"] = project.text
    project.models(project.source("items", tuple(wanted), tuple(wanted.values())))
    note(f"{columns} -> {wanted} {flags}")
    report = project.generate(options=CompareOptions(renames=RenameFlags((), flags)))
    if report.path is None:
        return
    assert report.proof.proven, report.proof.text
    stated = re.search(r"data lost: ([^\n]*?)(?:, data lost on rollback|; |, [a-z]+ [a-z0-9]+:|$)", report.proof.text)
    lost = set(re.findall(r"items\.(\w+)", stated[1])) if stated else set()
    try:
        dbwarden.migrate(config=project.config)
        assert project.values() == before, "what was applied without --force lost nothing"
    except UnsafeMigration:
        assert project.values() == before
        assert lost, "what is refused is named"
        project.migrate()
    gone = {re.sub(r"[<\d>]", "", value) for value in before - project.values()}
    assert gone == lost
    project.rollback()
    assert project.values() == {value for value in before if re.sub(r"[<\d>]", "", value) not in gone}


# -- the way back -------------------------------------------------------------------------------------------------


@QUICK
@given(data=st.data())
def test_the_header_names_every_value_that_goes_on_the_way_back(project: Filled, data: st.DataObject) -> None:
    """What stands in the tables when the upgrade is done goes only with --force, and then what the header says."""
    columns = data.draw(some_columns)
    project.reset(columns)
    wanted, flags, tables = data.draw(next_models(columns, (project.text, project.other_text)))
    renamed = next((new for new in tables.values() if new), "items")
    models = project.source(renamed, tuple(wanted), tuple(wanted.values()))
    if data.draw(st.booleans()):
        models += 'Table("more", metadata, Column("id", Integer, primary_key=True), Column("note", Text))\n'
    project.models(models)
    note(f"{columns} -> {models} {flags} {tables}")
    table_flags = [f"{old}:{new}" for old, new in tables.items() if new]
    report = project.generate(options=CompareOptions(renames=RenameFlags(table_flags, flags)))
    if report.path is None:
        return
    assert report.proof.proven, report.proof.text
    project.migrate()
    fill(project)
    before = project.values()
    stated = re.search(r"data lost on rollback: ([^\n]*?)(?:; |, [a-z]+ [a-z0-9]+:|$)", report.proof.text)
    named = (
        set(re.findall(r"\w+(?:\.\w+)?", re.sub(r"\([^)]*\)", "", stated[1].replace(" and ", ", "))))
        if stated
        else set()
    )
    try:
        dbwarden.rollback(config=project.config)
        assert project.values() == before, "what was rolled back without --force lost nothing"
    except UnsafeRollback as refused:
        assert project.values() == before
        assert named, "what is refused is named"
        assert "data lost on rollback" in refused.message
        project.rollback()
    gone = {re.sub(r"[<>]|:\d+", "", value) for value in before - project.values()}
    assert {name for name in gone if name not in named and name.partition(".")[0] not in named} == set()
    assert {name for name in named if not any(one == name or one.startswith(f"{name}.") for one in gone)} == set()


@st.composite
def next_models(
    draw: st.DrawFn, columns: tuple[str, ...], texts: tuple[str, str]
) -> tuple[dict[str, str], list[str], dict[str, str | None]]:
    """The columns that the models have next with their types, and the flags for what is renamed, table and columns."""
    usual, other = texts
    wanted: dict[str, str] = {}
    flags: list[str] = []
    for column in columns:
        fate = draw(st.sampled_from(("stays", "stays", "goes", "renamed", "in another case")))
        if fate == "stays":
            wanted[column] = draw(st.sampled_from((usual, usual, other)))
        elif fate == "renamed":
            wanted[f"new_{column}"] = usual
            flags.append(f"items.{column}:new_{column}")
        elif fate == "in another case":
            wanted[draw(st.sampled_from((column.upper(), column.lower(), column.swapcase())))] = usual
    wanted |= {
        name: draw(st.sampled_from((usual, f'{usual}, nullable=False, server_default="x"')))
        for name in draw(st.lists(st.sampled_from(("extra", "other")), unique=True))
    }
    return wanted, flags, {"items": draw(st.sampled_from((None, None, "things", "ITEMS")))}


def fill(project: Filled) -> None:
    """Put a value of its own into every text of every row, and a row into what is empty."""
    content = project.content()
    for table, rows in content.items():
        if not rows:
            project.execute(f"INSERT INTO {table} (id) VALUES (1);")
    for table, columns in project.columns().items():
        for column in columns:
            if column != "id":
                where, name = project.quoted(table), project.quoted(column)
                value = f"REPLACE('<{table}.{column}:*>', '*', CAST(id AS CHAR(9)))"
                project.execute(f"UPDATE {where} SET {name} = {value};")
