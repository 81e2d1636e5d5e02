"""How big tables are: what has no rows is empty, whatever the statistics and the size of its file say."""

from __future__ import annotations

from dbwarden.core.dialect import Size
from dbwarden.core.types import Ref
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.runtime.connection import DatabaseConnection

SETUP = (
    "CREATE TABLE deleted (id int)",
    "INSERT INTO deleted SELECT generate_series(1, 10)",
    "DELETE FROM deleted",
    'CREATE TABLE "Never analysed" (id int)',
    'INSERT INTO "Never analysed" VALUES (1)',
    "CREATE TABLE analysed (id int)",
    "INSERT INTO analysed SELECT generate_series(1, 1000)",
    "ANALYZE analysed",
    "CREATE TABLE stale (id int)",
    "INSERT INTO stale SELECT generate_series(1, 1000)",
    "ANALYZE stale",
    "DELETE FROM stale",
    "CREATE TABLE p (id int) PARTITION BY LIST (id)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
    "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)",
    "INSERT INTO p VALUES (2)",
    "CREATE TABLE parent (id int)",
    "CREATE TABLE child () INHERITS (parent)",
    "INSERT INTO child VALUES (1)",
    "INSERT INTO parent VALUES (1)",
    "DELETE FROM ONLY parent",
    "CREATE MATERIALIZED VIEW unfilled AS SELECT * FROM analysed WITH NO DATA",
    "CREATE SCHEMA s",
    "CREATE TABLE s.t (id int)",
)


def test_tables_without_rows_are_empty(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    for sql in SETUP:
        conn.execute(sql)
    sizes = {table.name: size for table, size in dialect.sizes(conn).items()}
    rows = {name: size.rows for name, size in sizes.items()}
    assert (rows["deleted"], rows["stale"], rows["t"], rows["p1"], rows["parent"]) == (0, 0, 0, 0, 0)
    assert rows["analysed"] == 1000 and sizes["stale"].bytes > 0
    assert rows["Never analysed"] and rows["p2"] and rows["p"] and rows["child"]
    assert sizes["p2"].exact and rows["p2"] == 1


def test_few_rows_are_counted_and_many_estimated(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE few AS SELECT generate_series(1, 1000)")
    conn.execute("CREATE TABLE many AS SELECT generate_series(1, 1001)")
    sizes = {table.name: size for table, size in dialect.sizes(conn).items()}
    assert sizes["few"].rows == 1000 and sizes["few"].exact
    assert sizes["many"].rows > 0 and not sizes["many"].exact


def test_rows_that_a_policy_hides_are_rows(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE hidden (id int)")
    conn.execute("INSERT INTO hidden VALUES (1)")
    conn.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY")
    conn.execute("CREATE TABLE denied (id int)")
    conn.execute("INSERT INTO denied VALUES (1)")
    conn.execute("GRANT SELECT ON hidden TO pg_monitor")
    conn.execute("SET ROLE pg_monitor")
    sizes = dialect.sizes(conn)
    assert sizes[Ref("table", "hidden")].rows and sizes[Ref("table", "denied")].rows


def test_many_tables_take_few_statements(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("DO $$ BEGIN FOR n IN 1..450 LOOP EXECUTE format('CREATE TABLE t%s AS SELECT 1', n); END LOOP; END $$")
    sizes = dialect.sizes(conn)
    assert len(sizes) == 450 and all(size != Size(0, 0) for size in sizes.values())
