"""ALGORITHM and LOCK of generated statements, by table, flavour and version. The golden cases execute them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    Schema,
    Table,
)
from dbwarden.core.options import Options
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.mysql.alter_table_merging import merge_statements
from dbwarden.dialects.mysql.ddl import ddl

T = Ref("table", "t")
A = Column("a", DataType("varchar", ("20",)))
ID = Column("id", DataType("int"), False)
TABLE = Table.of("t", [ID, A])
KEY = PrimaryKey(T, None, ("id",))
CHARSET = Options.of({"charset": "utf8mb4"})
SERVERS = {
    "mysql": Server((9, 7), "mysql", settings=CHARSET),
    "mysql 8.0.20": Server((8, 0, 20), "mysql", settings=CHARSET),
    "mariadb": Server((10, 11), "mariadb", settings=CHARSET),
    "mariadb 11.4": Server((11, 4), "mariadb", settings=CHARSET),
}
NEW = Add(Column("n", DataType("int")), T)
FULLTEXT = Index(T, "ft", (IndexElement("a"),), method="fulltext")
SPATIAL = Index(T, "sp", (IndexElement("a"),), method="spatial")
INSTANT, NOCOPY, ONLINE = "ALGORITHM=INSTANT", "ALGORITHM=NOCOPY, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=NONE"
APART = "LOCK=NONE, ALGORITHM=INPLACE"
SHARED, COPY = "ALGORITHM=INPLACE, LOCK=SHARED", "ALGORITHM=COPY, LOCK=SHARED"


def guarantee(change: Change, server: str, table: Table = TABLE, *members: Index | ForeignKey) -> str:
    """What the statement for a change says at its end."""
    before = Schema((table, KEY, *members))
    (statement,) = ddl(change, before, change.apply(before), Prefs(online=True), SERVERS[server])
    last = statement.splitlines()[-1].strip()
    return last if last.startswith(("ALGORITHM", "LOCK")) else ""


def to(**values: object) -> Change:
    """The change of column ``a`` in these attributes."""
    return Alter(A, replace(A, **values), T)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "mysql", "mariadb"),
    [
        (NEW, INSTANT, INSTANT),
        (Drop(A, T), INSTANT, INSTANT),
        (Add(Column("n", DataType("int"), computed=Computed(Expression("id"), True)), T), COPY, COPY),
        (Add(Column("n", DataType("int"), default=Expression("(uuid())")), T), "", ""),
        (to(default=Expression("'x'")), INSTANT, INSTANT),
        (to(comment="x"), INSTANT, INSTANT),
        (to(nullable=False), ONLINE, ONLINE),
        (to(type=DataType("varchar", ("60",))), ONLINE, INSTANT),
        (to(type=DataType("varchar", ("64",))), COPY, INSTANT),
        (to(type=DataType("varchar", ("64",)), nullable=False), COPY, ""),
        (to(type=DataType("varchar", ("10",))), COPY, COPY),
        (to(type=DataType("text")), COPY, COPY),
        (to(collation="utf8mb4_bin"), APART, INSTANT),
        (to(options=Options.of({"charset": "latin1"})), COPY, COPY),
        (Add(Index(T, "i", (IndexElement("a"),))), ONLINE, NOCOPY),
        (Drop(Index(T, "i", (IndexElement("a"),))), ONLINE, NOCOPY),
        (Add(FULLTEXT), SHARED, SHARED),
        (Add(ForeignKey(T, "f", ("id",), T, ("id",))), COPY, COPY),
        (Drop(ForeignKey(T, "f", ("id",), T, ("id",))), ONLINE, INSTANT),
        (Add(Check(T, "c", Expression("id > 0"))), COPY, COPY),
        (Drop(Check(T, "c", Expression("id > 0"))), INSTANT, INSTANT),
        (Drop(KEY), COPY, COPY),
        (Alter(KEY, replace(KEY, columns=("id", "a"))), ONLINE, ONLINE),
        (Rename(Ref("column", "a", None, "t"), Ref("column", "b", None, "t")), INSTANT, INSTANT),
        (Alter(TABLE, replace(TABLE, comment="x")), ONLINE, INSTANT),
        (Alter(TABLE, replace(TABLE, options=Options.of({"row_format": "COMPRESSED"}))), ONLINE, ONLINE),
    ],
)  # fmt: skip
def test_the_cheapest_way(change: Change, mysql: str, mariadb: str) -> None:
    assert guarantee(change, "mysql") == mysql
    assert guarantee(change, "mariadb") == mariadb


def test_enums_and_sets_that_grow() -> None:
    enum = Column("e", DataType("enum", ("'a'", "'b'")))
    table = Table.of("t", [ID, enum])

    def altered(*values: str) -> str:
        longer = replace(enum, type=DataType("enum", values))
        return guarantee(Alter(enum, longer, T), "mysql", table)

    assert altered("'a'", "'b'", "'c'") == INSTANT
    assert altered("'a'", "'c'", "'b'") == COPY
    assert altered("'a'") == COPY
    assert altered("'a'", "'b'", *(f"'{number}'" for number in range(300))) == COPY  # a value takes two bytes


def test_what_a_table_has_decides() -> None:
    compressed = replace(TABLE, options=Options.of({"row_format": "COMPRESSED"}))
    assert guarantee(NEW, "mysql", compressed) == guarantee(NEW, "mariadb", compressed) == ONLINE
    assert guarantee(NEW, "mysql", TABLE, FULLTEXT) == COPY
    assert guarantee(NEW, "mariadb", TABLE, FULLTEXT) == SHARED
    assert guarantee(NEW, "mysql", TABLE, SPATIAL) == INSTANT
    assert guarantee(to(nullable=False), "mysql", TABLE, SPATIAL) == SHARED
    assert guarantee(to(collation="utf8mb4_bin"), "mysql", TABLE, Index(T, "i", (IndexElement("a"),))) == COPY
    other = replace(TABLE, options=Options.of({"engine": "MyISAM"}))
    assert guarantee(NEW, "mysql", other) == ""


def test_columns_beside_the_hidden_column_of_a_fulltext_index() -> None:
    """On MySQL it stays when the index goes, as an upgrade may drop it and its rollback bring it back with the columns; on
    MariaDB the index may be there before the column."""
    before, after = (Schema((TABLE, KEY, *members)) for members in ((), (FULLTEXT,)))
    both = (ddl(NEW, before, NEW.apply(after), Prefs(online=True), SERVERS[server]) for server in ("mysql", "mariadb"))
    for unsaid in both:
        assert unsaid == ("ALTER TABLE t ADD COLUMN n INT",)


def test_columns_beside_virtual_ones_come_and_go_apart_on_mariadb() -> None:
    virtual = Column("v", DataType("int"), computed=Computed(Expression("id"), False))
    table = Table.of("t", [ID, A, virtual])
    assert guarantee(NEW, "mariadb", table) == f"{INSTANT}, LOCK=DEFAULT"
    assert guarantee(NEW, "mysql", table) == INSTANT


def test_versions_decide() -> None:
    assert guarantee(NEW, "mysql 8.0.20") == guarantee(Drop(A, T), "mysql 8.0.20") == ONLINE
    assert guarantee(to(type=DataType("int")), "mariadb 11.4") == "ALGORITHM=COPY, LOCK=NONE"


def test_a_copy_beside_which_rows_change_unlogged_locks_the_table() -> None:
    """MariaDB 11.8 refuses LOCK=NONE otherwise (1846)."""
    online, wider = "ALGORITHM=COPY, LOCK=NONE", to(type=DataType("int"))
    for action, expected in ((None, online), ("restrict", online), ("cascade", COPY), ("set null", COPY)):
        key = ForeignKey(T, "f", ("id",), Ref("table", "other"), ("id",), on_delete=action)
        assert guarantee(wider, "mariadb 11.4", TABLE, key) == expected
        assert guarantee(wider, "mariadb 11.4", TABLE, replace(key, on_delete=None, on_update=action)) == expected
    numbered = replace(ID, identity=Identity("auto_increment"))
    assert guarantee(Alter(ID, numbered, T), "mariadb 11.4") == COPY
    assert (
        guarantee(
            Alter(numbered, replace(numbered, type=DataType("bigint")), T), "mariadb 11.4", Table.of("t", [numbered])
        )
        == online
    )


def test_numbers_for_rows() -> None:
    numbered = Column("n", DataType("int"), False, identity=Identity("auto_increment"))
    assert guarantee(Add(numbered, T), "mysql") == SHARED
    assert guarantee(Alter(ID, replace(ID, identity=Identity("auto_increment")), T), "mysql") == COPY


def test_nothing_is_said_for_a_new_table_or_without_online() -> None:
    foreign_key = ForeignKey(T, "f", ("id",), T, ("id",))
    after = Schema((TABLE, foreign_key))
    assert ddl(Add(foreign_key), Schema(), after, Prefs(online=True), SERVERS["mysql"]) == (
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES t (id)",
    )
    assert ddl(NEW, Schema((TABLE,)), after, Prefs(), SERVERS["mysql"]) == ("ALTER TABLE t ADD COLUMN n INT",)


def test_a_rebuild_beside_the_first_fulltext_index() -> None:
    """Which comes first is open: with the index, MySQL rebuilds by a copy, and MariaDB while writers wait."""
    before = Schema((TABLE, KEY))
    change = to(nullable=False)
    after = change.apply(before).put(FULLTEXT)
    ends = {
        server: ddl(change, before, after, Prefs(online=True), SERVERS[server])[0] for server in ("mysql", "mariadb")
    }
    assert "ALGORITHM" not in ends["mysql"]
    assert ends["mariadb"].endswith(SHARED)


def test_what_the_server_refuses_beside_other_changes() -> None:
    """Error 1846 on both flavours, where each change alone is allowed."""
    compressed, virtual = Options.of({"row_format": "COMPRESSED"}), Computed(Expression("id"), False)
    before = Schema((TABLE, KEY))
    after = NEW.apply(Schema((replace(TABLE, options=compressed), KEY)))
    for server in ("mysql", "mariadb"):  # the rows are compressed first
        assert ddl(NEW, before, after, Prefs(online=True), SERVERS[server])[0].endswith(ONLINE)
    table = replace(Table.of("t", [ID, A, Column("v", DataType("int"), computed=virtual)]), options=compressed)
    assert guarantee(NEW, "mariadb", table, Index(T, "i", (IndexElement("v"),))) == ""
    assert guarantee(to(collation="utf8mb4_bin"), "mariadb", TABLE, FULLTEXT) == SHARED
    assert guarantee(to(type=DataType("varchar", ("60",))), "mysql", TABLE, FULLTEXT) == APART
    built = f"ALTER TABLE t\n    ADD INDEX i (a),\n    {ONLINE}"
    for clause in ("MODIFY COLUMN a VARCHAR(20) COLLATE utf8mb4_bin", "DROP INDEX fx"):
        changed = f"ALTER TABLE t\n    {clause},\n    {APART}"
        assert merge_statements((changed, built)) == (changed, built)
    both = (f"ALTER TABLE t\n    DROP INDEX fx,\n    {APART}", f"ALTER TABLE t\n    MODIFY COLUMN a INT,\n    {APART}")
    assert merge_statements(both) == both
