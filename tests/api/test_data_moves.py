"""Tables that are split and merged, and columns that move: what creates comes first, then the place for the data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dbwarden
from dbwarden.errors import UnsafeMigration
from tests.support.command import run
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
CUSTOMERS = 'Table("customers", metadata, Column("id", Integer, primary_key=True), Column("name", String(20)){more})\n'
STREET = 'Column("street", String(40), nullable=False), Column("city", String(20))'
ADDRESSES = 'Table("addresses", metadata, Column("id", Integer, primary_key=True){more}, ' + STREET + ")\n"
ACCOUNTS = (
    'Table("accounts", metadata, Column("id", Integer, primary_key=True),'
    ' Column("customer_id", ForeignKey("customers.id"), nullable=False){more})\n'
)
OWNER = ', Column("customer_id", ForeignKey("customers.id"), nullable=False)'
PHONE = ', Column("phone", String(20), nullable=False)'

ONE = CUSTOMERS.format(more=f", {STREET}")
BESIDE = CUSTOMERS.format(more="") + ADDRESSES.format(more=OWNER)
REFERRED = CUSTOMERS.format(
    more=', Column("address_id", ForeignKey("addresses.id"), nullable=False)'
) + ADDRESSES.format(more="")
PHONE_HERE = CUSTOMERS.format(more=PHONE) + ACCOUNTS.format(more="")
PHONE_THERE = CUSTOMERS.format(more="") + ACCOUNTS.format(more=PHONE)

ROWS = {
    ONE: "INSERT INTO customers (id, name, street, city) VALUES (1, 'ann', 'High Street 1', 'Bonn');\n"
    "INSERT INTO customers (id, name, street, city) VALUES (2, 'bob', 'Low Road 2', NULL)",
    BESIDE: "INSERT INTO customers (id, name) VALUES (1, 'ann');\nINSERT INTO customers (id, name) VALUES (2, 'bob');\n"
    "INSERT INTO addresses (id, customer_id, street, city) VALUES (1, 1, 'High Street 1', 'Bonn');\n"
    "INSERT INTO addresses (id, customer_id, street, city) VALUES (2, 2, 'Low Road 2', NULL)",
    PHONE_HERE: "INSERT INTO customers (id, name, phone) VALUES (1, 'ann', '0228');\n"
    "INSERT INTO accounts (id, customer_id) VALUES (5, 1)",
}
TABLES = {
    ONE: {"customers": ["id", "name", "street", "city"]},
    BESIDE: {"customers": ["id", "name"], "addresses": ["id", "customer_id", "street", "city"]},
    REFERRED: {"customers": ["id", "name", "address_id"], "addresses": ["id", "street", "city"]},
    PHONE_HERE: {"customers": ["id", "name", "phone"], "accounts": ["id", "customer_id"]},
    PHONE_THERE: {"customers": ["id", "name"], "accounts": ["id", "customer_id", "phone"]},
}


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    return Project(tmp_path / "project", database_url)


def _start(project: Project, models: str) -> None:
    project.reach(HEAD + models, "first")
    project.execute(ROWS[models])


def _obeyed(text: str) -> str:
    """A file in which somebody takes every statement that the marked places propose as it is."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.startswith("-- Move data here: "):
            proposal = lines[at + 1].removeprefix("-- ")
            lines[at + 1] = "--" if line.endswith(":") else proposal
            if line.endswith(":"):
                _copied(lines, at, proposal)
    return "\n".join(lines) + "\n"


def _copied(lines: list[str], at: int, proposal: str) -> None:
    """The rebuild of a table takes what its place proposes into the INSERT and SELECT behind line ``at``."""
    pairs = [part.split(" from ", 1) for part in re.split(r", (?=\w+ from )", proposal)]
    insert = next(at for at, line in enumerate(lines[at:], at) if line.startswith("INSERT INTO dbwarden_new_"))
    lines[insert] = f"{lines[insert].removesuffix(')')}, {', '.join(name for name, _ in pairs)})"
    lines[insert + 1] += "".join(f", {value}" for _, value in pairs)


@pytest.mark.parametrize("online", [True, False], ids=["online", "plain"])
@pytest.mark.parametrize(
    ("before", "after"),
    [(ONE, BESIDE), (BESIDE, ONE), (PHONE_HERE, PHONE_THERE)],
    ids=["split", "merge", "column"],
)
def test_the_place_takes_the_data_there_and_back(project: Project, before: str, after: str, online: bool) -> None:
    _start(project, before)
    project.models(HEAD + after)
    former, schema = project.rows(TABLES[before]), project.dump()
    report = project.generate(options=dbwarden.CompareOptions(online=online))
    assert report.proof is not None and report.proof.proven, report.proof
    assert [one for one in report.notes if one.startswith("Data can move: ")], report.notes
    path = project.files()[-1]
    path.write_text(_obeyed(path.read_text()))
    project.migrate()
    moved = project.rows(TABLES[after])
    values = {value for rows in former.values() for row in rows for value in row}
    assert values <= {value for rows in moved.values() for row in rows for value in row}, moved
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == schema
    assert project.rows(TABLES[before]) == former


def test_a_table_that_refers_to_the_new_one_is_filled_in_between(project: Project) -> None:
    _start(project, ONE)
    project.models(HEAD + REFERRED)
    former = project.rows(TABLES[ONE])
    project.generate()
    path = project.files()[-1]
    text = _obeyed(path.read_text()).replace(
        "INSERT INTO addresses (street, city) SELECT street, city",
        "INSERT INTO addresses (id, street, city) SELECT id, street, city",
    )
    if project.engine != "sqlite":
        text = text.replace("-- UPDATE customers SET address_id = ...", "UPDATE customers SET address_id = id")
    else:
        text = text.replace(
            "INTO dbwarden_new_customers (id, name)", "INTO dbwarden_new_customers (id, name, address_id)", 1
        )
        text = text.replace("SELECT id, name\n", "SELECT id, name, id\n", 1)
    path.write_text(text)
    project.migrate()
    assert project.rows(TABLES[REFERRED]) == {
        "customers": [("1", "ann", "1"), ("2", "bob", "2")],
        "addresses": [("1", "High Street 1", "Bonn"), ("2", "Low Road 2", "None")],
    }
    project.rollback()
    assert project.rows(TABLES[ONE]) == former


def test_nothing_runs_over_the_place(project: Project) -> None:
    _start(project, ONE)
    project.models(HEAD + BESIDE)
    out = run(project.folder, "make-migrations", "split")
    assert out.count("Data can move: customers (street, city) -> addresses.") == 1, out
    header = project.files()[-1].read_text().partition("\n")[0]
    assert "data lost: customers." in header and "data lost on rollback: addresses" in header
    before = project.dump()
    with pytest.raises(UnsafeMigration):
        dbwarden.migrate(config=project.config)
    assert project.dump() == before


def test_the_rollback_of_a_required_column_fails_as_a_whole_over_an_empty_place(project: Project) -> None:
    _start(project, ONE)
    project.models(HEAD + BESIDE)
    project.generate()
    project.migrate()
    project.execute("INSERT INTO addresses (customer_id, street) VALUES (1, 'High Street 1')")
    before = project.dump()
    with pytest.raises(dbwarden.errors.DBWardenError):
        project.rollback()
    assert len(project.rows(TABLES[BESIDE])["addresses"]) == 1
    if project.engine in (
        "mysql",
        "mariadb",
    ):  # each of their statements commits: the rollback goes on where it stopped
        project.execute("UPDATE customers SET street = 'Low Road 2'")
        project.rollback()
        assert list(project.rows({"customers": ["street"]}).values()) == [[("Low Road 2",)] * 2]
    else:
        assert project.dump() == before


OTHER = 'Table("colours", metadata, Column("id", Integer, primary_key=True), Column("shade", Float))\n'
UNRELATED = {
    "a new table": (CUSTOMERS.format(more=', Column("phone", String(9))'), CUSTOMERS.format(more="") + OTHER),
    "an index": (
        CUSTOMERS.format(more=', Index("i", "name")'),
        CUSTOMERS.format(more="") + ADDRESSES.format(more=OWNER),
    ),
    "only a drop": (BESIDE, CUSTOMERS.format(more="")),
    "two tables": (
        OTHER,
        'Table("sizes", metadata, Column("id", Integer, primary_key=True), Column("width", Integer))\n',
    ),
}


@pytest.mark.parametrize("what", UNRELATED)
def test_what_has_nothing_to_do_with_one_another_has_no_place(project: Project, what: str) -> None:
    before, after = UNRELATED[what]
    project.reach(HEAD + before, "first")
    project.models(HEAD + after)
    report = project.generate()
    assert not report.empty and "Move data" not in report.text, report.text
    assert not any(note.startswith("Data can move") for note in report.notes)
