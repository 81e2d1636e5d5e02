"""How big tables are: rows counted, those of virtual tables where they are kept."""

from __future__ import annotations

from dbwarden.core.dialect import Dialect
from dbwarden.core.types import Ref

from .conftest import Open

SCRIPT = """
CREATE TABLE is_virtual (id INTEGER, twice INTEGER GENERATED ALWAYS AS (id * 2) VIRTUAL);
INSERT INTO is_virtual VALUES (1);
CREATE TABLE sqlitedata (id INTEGER);
INSERT INTO sqlitedata VALUES (1);
CREATE VIRTUAL TABLE empty_words USING fts5(body);
CREATE VIRTUAL TABLE words USING fts5(body);
INSERT INTO words VALUES ('a');
CREATE VIRTUAL TABLE places USING rtree(id, x0, x1);
INSERT INTO places VALUES (1, 2, 3);
CREATE TABLE none (id INTEGER);
"""


def test_rows_are_counted_in_every_kind_of_table(database: Open, dialect: Dialect) -> None:
    sizes = dialect.sizes(database(SCRIPT))
    rows = {name: sizes[Ref("table", name)].rows for name in ("is_virtual", "sqlitedata", "words", "places")}
    assert rows == dict.fromkeys(rows, 1)
    assert sizes[Ref("table", "empty_words")].rows == 0 and sizes[Ref("table", "none")].rows == 0
