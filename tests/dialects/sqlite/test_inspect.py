"""What is read from the texts, held against SQLite's own pragmas."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Check, Definition, ForeignKey, Index, PrimaryKey, Schema, Table, Unique
from dbwarden.core.types import Ref
from dbwarden.dialects.sqlite.types import declared
from dbwarden.errors import Unsupported
from dbwarden.runtime.connection import DatabaseConnection

from .conftest import Open

Inspect = Callable[[DatabaseConnection], Schema]

ODD = """
create table p (id integer primary key autoincrement, -- the key, (really
  "order" varchar ( 50 ) collate nocase default ('x') not null, n numeric(10, 2) default -1.5,
  c text constraint "c values" check (c in ('a,)', 'b')) constraint uq unique on conflict ignore,
  /* a, b */ g int generated always as (n*2) stored, h as (n+1), check(n>0 and c <> 'x,y') check (n < 99));
create table q (a text not null on conflict replace, b int references P, constraint ck check (b > 0),
  constraint fk foreign key (B) references p([ID]) on delete set null on update no action deferrable initially deferred,
  primary key (a, b desc)) without rowid, strict;
CREATE TABLE IF NOT EXISTS main.[we ird] (`x y` double precision, [z] , zz "odd type" default "str" null,
  w unsigned big int default (date('now')), "quo""te" text default 'it''s');
create table copied as select 1 as a, 'x' as b;
create table self (id int, up int references self (id) match full not deferrable initially deferred, foreign key (up)
  references gone);
"""


def test_columns_agree_with_the_pragmas(database: Open, inspect: Inspect) -> None:
    conn = database(ODD)
    schema = inspect(conn)
    assert [table.name for table in schema.tables()] == ["copied", "p", "q", "self", "we ird"]
    for table in schema.tables():
        rows = conn.query("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(:name)",
                          {"name": table.name})  # fmt: skip
        assert [row[0] for row in rows] == list(table.columns)
        for name, type_, not_null, default, position, hidden in rows:
            column = table.columns[name]
            folded = "".join(type_.split()).upper().replace('"', "")
            assert "".join(declared(column.type).split()).upper().replace('"', "") == folded
            assert column.nullable is not bool(not_null) or (position and not column.nullable)
            assert (column.default.text if column.default else None) == default
            assert (column.computed is not None, bool(column.computed and column.computed.stored)) == (
                hidden in (2, 3), hidden == 3,
            )  # fmt: skip


def test_keys_agree_with_the_pragmas(database: Open, inspect: Inspect) -> None:
    conn = database(ODD)
    schema = inspect(conn)
    for table in schema.tables():
        rows = conn.query(
            'SELECT id, "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list(:name) ORDER BY id DESC',
            {"name": table.name},
        )
        keys = [item for item in schema.members(table.ref) if isinstance(item, ForeignKey)]
        assert len(keys) == len(rows)
        for key, (_, there, column, _, on_update, on_delete) in zip(keys, rows, strict=True):
            assert key.ref_table.name.lower() == there.lower()
            assert key.columns[0].lower() == column.lower()
            assert ((key.on_update or "no action").upper(), (key.on_delete or "no action").upper()) == (
                on_update,
                on_delete,
            )


def test_what_only_the_text_says(database: Open, inspect: Inspect) -> None:
    schema = inspect(database(ODD))
    p, q = Ref("table", "p"), Ref("table", "q")
    checks = [item for item in schema.members(p) if isinstance(item, Check)]
    assert [(item.name, item.expression.text) for item in checks] == [
        ("c values", "c in ('a,)', 'b')"), (None, "n>0 and c <> 'x,y'"), (None, "n < 99"),
    ]  # fmt: skip
    unique = next(item for item in schema.members(p) if isinstance(item, Unique))
    assert (unique.name, unique.columns, unique.options.get("on_conflict")) == ("uq", ("c",), "IGNORE")
    assert dict(schema.table(p).options) == {"autoincrement": "true"}
    assert dict(schema.table(q).options) == {"strict": "true", "with_rowid": "false"}
    assert schema.table(q).columns["a"].options.get("on_conflict_not_null") == "REPLACE"
    key = next(item for item in schema.members(q) if isinstance(item, PrimaryKey))
    assert (key.columns, key.options.get("keys")) == (("a", "b"), "a, b desc")
    named = next(item for item in schema.members(q) if isinstance(item, ForeignKey) and item.name == "fk")
    assert (named.ref_columns, named.deferrable, named.initially) == (("id",), True, "deferred")
    short = next(item for item in schema.members(q) if isinstance(item, ForeignKey) and item.name is None)
    assert (short.ref_table, short.ref_columns) == (p, ("id",))
    own = [item for item in schema.members(Ref("table", "self")) if isinstance(item, ForeignKey)]
    assert [(item.match, item.deferrable) for item in own] == [("full", False), (None, False)]


def test_indexes(database: Open, inspect: Inspect) -> None:
    schema = inspect(
        database("""
        create table t (a text, "b c" int, d text unique);
        create unique index i1 on t (lower(a) desc, "b c" collate nocase, d asc) where a is not null and d <> 'where';
        create index if not exists main.[i 2] on t ((a || d), D);
    """)
    )
    one, two = (item for item in schema.members(Ref("table", "t")) if isinstance(item, Index))
    assert one.unique and one.where is not None and one.where.text == "a is not null and d <> 'where'"
    assert [(e.column, e.descending, e.collation) for e in one.elements] == [
        (None, True, None), ("b c", False, "NOCASE"), ("d", False, None),
    ]  # fmt: skip
    assert two.name == "i 2" and not two.unique
    assert [e.key for e in two.elements] == ["(a || d)", "d"]
    assert set(one.column_names()) == {"a", "b c", "d"}


def test_views_and_triggers_know_what_they_need(database: Open, inspect: Inspect) -> None:
    schema = inspect(
        database("""
        create table t (a int); create table u (a int);
        create view v as select a from t; create view w as select * from v;
        create trigger tr after insert on t begin insert into u values (new.a); end;
        create trigger iv instead of insert on v begin select 1; end;
    """)
    )
    definitions = {item.name: item for item in schema.objects() if isinstance(item, Definition)}
    assert definitions["w"].needs == {Ref("view", "v")}
    assert definitions["tr"].on == Ref("table", "t") and Ref("table", "u") in definitions["tr"].needs
    assert definitions["iv"].on == Ref("view", "v")
    assert definitions["v"].sql.text == "CREATE VIEW v as select a from t"


def test_ours_and_virtual_tables_are_left_alone(database: Open, inspect: Inspect) -> None:
    schema = inspect(
        database("""
        create table dbwarden_lock (id int); create table t (id integer primary key autoincrement);
        create virtual table search using fts5(title, body);
        create temp table scratch (a int);
    """)
    )
    assert [item.name for item in schema.objects() if isinstance(item, Table)] == ["t"]


@pytest.mark.parametrize("count", [10, 300])
def test_one_query_whatever_the_number_of_tables(count: int, database: Open, inspect: Inspect) -> None:
    conn = database("".join(f"create table t{n} (id int); create index i{n} on t{n} (id);" for n in range(count)))
    sent = conn.sent
    assert len(inspect(conn)) == 2 * count
    assert conn.sent - sent == 1


def test_other_namespaces_are_refused(database: Open, dialect: Dialect) -> None:
    with pytest.raises(Unsupported, match="schema 'sales'"):
        dialect.inspect(database(), Scope(("sales",)))
