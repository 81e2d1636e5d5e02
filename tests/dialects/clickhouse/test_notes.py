"""What commands say of models that ClickHouse cannot have as they are, of moved data, and of the lock."""

from __future__ import annotations

from pathlib import Path

import dbwarden
from tests.support.project import Project

MODELS = """
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint
from dbwarden.objects import KeysElsewhere

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True), Column("mail", String(99), unique=True))
Table("orders", metadata, Column("id", Integer, primary_key=True), Column("user_id", ForeignKey("users.id")),
    Column("n", Integer), UniqueConstraint("user_id", "n"), Index("by_n", "n", unique=True))
Table("quiet", metadata, Column("id", Integer, primary_key=True), Column("mail", String(99), unique=True), KeysElsewhere())
Table("plain", metadata, Column("id", Integer, primary_key=True))
"""


def test_keys_that_are_left_out_are_named_once(clickhouse_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", clickhouse_url)
    project.models(MODELS)
    report = project.generate(proof=False)
    notes = [note for note in report.notes if "left out" in note]
    assert [note.partition(":")[0] for note in sorted(notes)] == ["orders", "users"]
    orders = max(notes, key=len)
    for text in (
        "foreign key (user_id) to users",
        "unique (user_id, n)",
        "UNIQUE of the index by_n",
        "KeysElsewhere()",
    ):
        assert text in orders
    project.migrate()
    assert not project.generate("again", proof=False).notes
    project.models(
        MODELS.replace('"mail", String(99), unique=True))', '"mail", String(99), unique=True), Column("n", Integer))')
    )
    (note,) = [note for note in project.generate(proof=False).notes if "left out" in note]
    assert note.startswith("users:")


def test_keys_are_not_left_out_elsewhere(sqlite_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    project.models(MODELS)
    assert not [note for note in project.generate(proof=False).notes if "left out" in note]


PEOPLE = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()
Table("people", metadata, Column("id", Integer, primary_key=True), Column("address_id", ForeignKey("addresses.id")),
    {columns})
Table("addresses", metadata, Column("id", Integer, primary_key=True){more})
"""


def test_moved_data_gets_the_statements_that_the_server_has(clickhouse_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", clickhouse_url)
    project.reach(PEOPLE.format(columns='Column("street", String)', more=""))
    project.execute("INSERT INTO people (id, street) VALUES (1, 'x');")
    project.models(PEOPLE.format(columns='Column("home_street", String), Column("zip", String)', more=""))
    text = project.generate(proof=False).text
    assert "-- ALTER TABLE people UPDATE home_street = street" in text and "UPDATE people SET" not in text


def test_values_of_another_table_are_joined(clickhouse_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", clickhouse_url)
    project.reach(PEOPLE.format(columns='Column("street", String)', more=""))
    project.execute("INSERT INTO people (id, street) VALUES (1, 'x');")
    project.models(PEOPLE.format(columns='Column("n", Integer)', more=', Column("street", String)'))
    lines = project.generate(proof=False).text.splitlines()  # ClickHouse has no foreign key that would name the columns
    assert "-- CREATE TABLE moved ENGINE = Join(ANY, LEFT, ...) AS SELECT ..., street FROM people;" in lines
    assert "-- ALTER TABLE addresses UPDATE street = joinGet('moved', 'street', ...) WHERE true;" in lines


def test_lock_status_names_the_kind(database_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", database_url)
    project.models(MODELS)
    project.generate(proof=False)
    clickhouse = database_url.startswith("clickhouse")
    before = dbwarden.lock_status(config=project.config).kind
    assert before.startswith("none yet") if clickhouse else before == "a row of the table dbwarden_lock"
    project.migrate()
    kind = dbwarden.lock_status(config=project.config).kind
    assert kind.startswith(("a row of the KeeperMap table", "a column of the table")) if clickhouse else kind == before
