"""The list of changes as commands print it: JSON, rebuilds, narrow terminals, encodings without arrows."""

from __future__ import annotations

import codecs
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from dbwarden.cli.streams import IN_ASCII, in_ascii
from dbwarden.cli.view import View
from tests.support.command import run
from tests.support.project import Project

BEFORE = """
from sqlalchemy import *
metadata = MetaData()
Table("orders", metadata, Column("id", Integer, primary_key=True), Column("status", String(10), server_default="new"))
"""
AFTER = BEFORE.replace("String(10)", "String(40)").replace('"new"', '"open"')


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.reach(BEFORE, "first")
    project.execute("CREATE INDEX by_hand ON orders (status)")
    project.models(AFTER)
    return project


def test_each_change_has_a_line_and_its_two_values(project: Project, database_url: str) -> None:
    expected = [
        "orders.status: VARCHAR(10) → VARCHAR(40)",
        "orders.status: default 'new' → 'open'",
        "orders: drop index by_hand (status)",
    ]
    shown = run(project.folder, "diff").splitlines()
    assert [line.strip() for line in shown[1:4]] == expected
    assert any(line.startswith("Rebuilt, ") for line in shown) == database_url.startswith("sqlite")
    report = json.loads(run(project.folder, "--json", "diff"))
    assert [change["text"] for change in report["changes"]] == expected
    assert report["changes"][0] == {
        "text": expected[0],
        "action": "change",
        "object": "orders.status",
        "part": "",
        "from": "VARCHAR(10)",
        "to": "VARCHAR(40)",
    }
    made = project.generate(proof=False)
    assert [change.text for change in made.changes] == expected


def test_a_long_line_goes_on_below_itself_on_a_terminal() -> None:
    stream, view = io.StringIO(), View()
    view.__dict__["_rich"] = Console(file=stream, width=40, markup=False, soft_wrap=True)
    view.item("orders: add foreign key (customer_id) → customers(id) ON DELETE CASCADE")
    lines = stream.getvalue().splitlines()
    assert all(len(line) <= 40 for line in lines) and len(lines) == 2
    assert lines[0].startswith("  orders:") and lines[1].startswith("      ")


def test_an_encoding_without_arrows_gets_ascii() -> None:
    codecs.register_error(IN_ASCII, in_ascii)
    assert "a → b… ü".encode("ascii", IN_ASCII) == b"a -> b... ?"
    assert "ü → b".encode("latin-1", IN_ASCII) == "ü -> b".encode("latin-1")
