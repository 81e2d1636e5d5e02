"""Values for columns that become NOT NULL, in the section for the dev database too."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from dbwarden import FillFlags
from dbwarden.errors import LossyTranslation
from tests.dev.project import DevProject

HEAD = """
from sqlalchemy import *
from sqlalchemy.dialects.postgresql import *
metadata = MetaData()
"""
TABLE = 'Table("customers", metadata, Column("id", Integer, primary_key=True), Column("name", String(20)){more})\n'
COUNTRY = ', Column("country", {type}, nullable=False)'


@pytest.fixture
def project(tmp_path: Path) -> DevProject:
    project = DevProject(tmp_path)
    project.models(HEAD + TABLE.format(more=""))
    project.generate("first")
    project.migrate()
    with sqlite3.connect(project.dev_path) as conn:
        conn.execute("INSERT INTO customers (id, name) VALUES (1, 'ann')")
    conn.close()
    return project


@pytest.mark.parametrize(
    ("type_", "expression", "expected"),
    [
        ("Text", "'DE'", "DE"),
        ("Text", "upper(name)", "ANN"),
        ("Text", "name::varchar || '!'", "ann!"),
        ("ARRAY(Text)", "'{a,b}'", '["a", "b"]'),
    ],
)
def test_the_variant_fills_too(project: DevProject, type_: str, expression: str, expected: str) -> None:
    project.models(HEAD + TABLE.format(more=COUNTRY.format(type=type_)))
    report = project.generate(fills=FillFlags([f"customers.country={expression}"]), proof=True)
    assert f"UPDATE customers SET country = {expression} WHERE country IS NULL;" in report.text
    assert report.variant_proof.proven and "only without rows" not in report.variant_proof.text.partition("rollback")[0]
    project.migrate()
    with sqlite3.connect(project.dev_path) as conn:
        assert conn.execute("SELECT country FROM customers").fetchall() == [(expected,)]
    conn.close()


def test_what_has_no_equivalent_is_named_and_marked(project: DevProject) -> None:
    project.models(HEAD + TABLE.format(more=COUNTRY.format(type="Text")))
    fills = FillFlags(["customers.country=current_setting('a')"])
    with pytest.raises(LossyTranslation):
        project.generate(fills=fills, strict=True)
    report = project.generate(fills=fills)
    assert report.translation_losses == (
        "customers.country: is not filled with current_setting('a') (sqlite has no such expression: its section has a marked"
        " place for the value)",
    )
    assert "-- Fill customers.country here" in report.text.partition("-- upgrade: sqlite")[2]


def test_data_that_moves_has_its_place_in_both(project: DevProject) -> None:
    project.models(HEAD + TABLE.format(more="").replace('Column("name", String(20))', 'Column("label", Text)'))
    text = project.generate().text
    assert text.count("-- Move data here: from customers (name), dropped below, to customers (label).") == 2
