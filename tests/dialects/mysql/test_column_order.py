"""The order of columns on the servers: a dropped column comes back to its place, a new one comes where the models have it."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import sqlalchemy as sa

from dbwarden.core.change import Rename
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.model import Schema, column_ref
from dbwarden.core.plan import pair, plan
from dbwarden.core.steps import Plan
from dbwarden.core.types import Ref
from dbwarden.dialects.mysql.alter_table_merging import merge_statements
from dbwarden.models.read import read
from tests.dialects.mysql.conftest import Flavour
from tests.support.column_order import column_order
from tests.support.dump import dump
from tests.support.pipeline import run

VIRTUAL = "INT GENERATED ALWAYS AS (id + 1) VIRTUAL"


class Case(NamedTuple):
    """A table in the database, its columns in the models and their order after the upgrade; a renamed column is
    ``old>new``."""

    database: str
    models: str
    upgraded: str


CASES = {
    "first": Case("a id b", "id b", "id b"),
    "several": Case("id a b c d e", "id d", "id d"),
    "several_first": Case("a b id", "id", "id"),
    "last": Case("id a b", "id a", "id a"),
    "new": Case("id a", "n id m o a p", "n id m o a p"),
    "beside_new": Case("id a b c", "id n c m", "id n c m"),
    "instead": Case("id a b", "id n b", "id n b"),
    "renamed": Case("id a b c", "id a>x c", "id x c"),
    "renamed_new": Case("id a b", "id a>x n b", "id x n b"),
    "swapped": Case("id a b c", "id a>b b>a n", "id b a n"),
    "moved_by_hand": Case("b id a", "id a n b", "b id a n"),
    "moved_and_dropped": Case("c b id a", "id a b", "b id a"),
    "virtual_stays": Case("id a v b", "id v b", "id v b"),
    "virtual_returns": Case("id v a", "id a", "id a"),
    "virtual_beside_virtual": Case("id v w a", "id w a", "id w a"),
    "virtual_several": Case("id u v w a", "id w a", "id w a"),
    "wide_beside_virtual": Case("id v a", "id v n a", "id v n a"),
}


def sql_of(name: str) -> str:
    return f"`{name}` {'INT NOT NULL' if name == 'id' else VIRTUAL if name in 'uvw' else 'INT'}"


def model_of(name: str) -> sa.Column[int]:
    computed = [sa.Computed("id + 1", persisted=False)] if name in "uvw" else []
    return sa.Column(name, sa.Integer, *computed, primary_key=name == "id", autoincrement=False)


def models() -> tuple[sa.MetaData, list[Rename]]:
    metadata, renames = sa.MetaData(), []
    for table, case in CASES.items():
        words = [word.rpartition(">") for word in case.models.split()]
        sa.Table(table, metadata, *(model_of(new) for _, _, new in words))
        renames += [(table, old, new) for old, _, new in words if old]
    steps = [step for table, old, new in renames for step in _steps(table, old, new, renames)]
    return metadata, [
        Rename(column_ref(Ref("table", table), old), column_ref(Ref("table", table), new)) for table, old, new in steps
    ]


def _steps(table: str, old: str, new: str, renames: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Two columns that swap their names do so by a third name."""
    if (table, new, old) not in renames:
        return [(table, old, new)]
    return [(table, old, "spare"), (table, new, old), (table, "spare", new)] if old < new else []


def planned(flavour: Flavour, renames: list[Rename], metadata: sa.MetaData, online: bool) -> Plan:
    dialect: Dialect = flavour.dialect
    current = dialect.inspect(flavour.conn, Scope((None,)))
    desired = dialect.canonical(read([metadata], dialect))
    owned = [ref for ref, item in current.items() if not item.derived]
    both = pair(current, desired, owned, renames=renames)
    return plan(both, dialect, Prefs(online=online))


@pytest.mark.parametrize("online", [False, True])
def test_columns_have_their_order(flavour: Flavour, online: bool) -> None:
    for table, case in CASES.items():
        columns = ", ".join(map(sql_of, case.database.split()))
        flavour.conn.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY (id))")
        flavour.conn.execute(f"INSERT INTO {table} (id) VALUES (1), (2)")
    metadata, renames = models()
    former = dump(flavour.url)

    change = planned(flavour, renames, metadata, online)
    run(flavour.conn, flavour.dialect, change.upgrade())
    assert column_order(dump(flavour.url)) == {table: case.upgraded.split() for table, case in CASES.items()}
    assert not planned(flavour, [], metadata, online)  # the order alone is not a difference
    run(flavour.conn, flavour.dialect, change.rollback())
    assert dump(flavour.url) == former


def test_a_new_column_comes_last_where_its_place_would_copy_the_table(flavour: Flavour) -> None:
    flavour.conn.execute(f"CREATE TABLE t (id INT PRIMARY KEY, v {VIRTUAL}, a INT)")
    metadata = sa.MetaData()
    sa.Table("t", metadata, *map(model_of, ("id", "n", "w", "v", "a")))
    change = planned(flavour, [], metadata, True)
    assert "COPY" not in "".join(change.upgrade())
    run(flavour.conn, flavour.dialect, change.upgrade())
    order = column_order(dump(flavour.url))["t"]
    assert order == (["id", "v", "a", "n", "w"] if flavour.name == "mariadb" else ["id", "n", "v", "a", "w"])


def test_statements_stay_apart_if_one_renames_the_column_of_a_place() -> None:
    apart = ("ALTER TABLE t ADD COLUMN n INT AFTER a", "ALTER TABLE t RENAME COLUMN a TO x")
    assert merge_statements(apart) == apart
    joined = merge_statements(("ALTER TABLE t RENAME COLUMN a TO x", "ALTER TABLE t ADD COLUMN n INT AFTER x"))
    assert joined == ("ALTER TABLE t\n    RENAME COLUMN a TO x,\n    ADD COLUMN n INT AFTER x",)


def test_statements_stay_apart_if_one_drops_the_column_of_a_place() -> None:
    again = "ALTER TABLE t DROP COLUMN b, ADD COLUMN b INT FIRST"
    assert len(merge_statements(("ALTER TABLE t ADD COLUMN n INT AFTER b", again))) == 2
    assert len(merge_statements((again, "ALTER TABLE t ADD COLUMN n INT AFTER b"))) == 1


def test_the_empty_schema_has_no_places(flavour: Flavour) -> None:
    metadata, _ = models()
    dialect: Dialect = flavour.dialect
    create = plan(pair(Schema(), dialect.canonical(read([metadata], dialect))), dialect)
    assert "AFTER" not in "".join(create.upgrade())
