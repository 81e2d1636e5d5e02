"""Views, triggers, routines, events and sequences: read in texts that create the same objects again."""

from __future__ import annotations

import pytest

from dbwarden.core.change import Add, Drop
from dbwarden.core.dialect import Prefs, Scope
from dbwarden.core.model import Definition, Schema
from dbwarden.core.model import Sequence as SequenceObject
from dbwarden.core.types import Ref
from dbwarden.errors import Unsupported

from .conftest import Flavour

TABLE = "CREATE TABLE t (id INT PRIMARY KEY, n VARCHAR(20), `odd col` INT)"
OBJECTS = (
    "CREATE VIEW plain AS SELECT id, n FROM t WHERE n LIKE 'a%'",
    "CREATE SQL SECURITY INVOKER VIEW named (x, y) AS SELECT plain.id, t.n FROM plain JOIN t USING (id)"
    " WITH CASCADED CHECK OPTION",
    "CREATE VIEW several AS SELECT id FROM t UNION ALL SELECT COUNT(*) FROM plain",
    "CREATE FUNCTION f(a INT, s VARCHAR(20)) RETURNS VARCHAR(30) CHARSET utf8mb4 COLLATE utf8mb4_bin DETERMINISTIC"
    " RETURN CONCAT(a, s)",
    "CREATE VIEW called AS SELECT f(id, n) AS v FROM t",
    "CREATE PROCEDURE p(IN a INT UNSIGNED, OUT b VARCHAR(10) CHARACTER SET latin1, INOUT c DECIMAL(10,2))"
    " MODIFIES SQL DATA SQL SECURITY INVOKER COMMENT 'it''s 1\\\\2' BEGIN SELECT a; END",
    "CREATE PROCEDURE quotes() BEGIN SELECT 'it''s', \"a\\\"b\", 'x\\\\y\\n', _latin1'z', `odd col` FROM t; END",
    "CREATE TRIGGER second BEFORE INSERT ON t FOR EACH ROW BEGIN\n"
    "  IF NEW.n IS NULL THEN SET NEW.n = 'it''s; really'; END IF;\nEND",
    "CREATE TRIGGER first BEFORE INSERT ON t FOR EACH ROW PRECEDES second SET NEW.n = UPPER(NEW.n)",
    "CREATE TRIGGER third BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1",
    "CREATE EVENT daily ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ENDS '2035-01-01 00:00:00'"
    " ON COMPLETION PRESERVE DISABLE COMMENT 'it''s' DO DELETE FROM t WHERE id = 3",
    "CREATE EVENT once ON SCHEDULE AT '2037-01-01 00:00:00' DO BEGIN DELETE FROM t WHERE n = 'it''s'; END",
    "CREATE EVENT composite ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2037-01-01 00:00:00' DO DELETE FROM t",
)
SEQUENCES = (
    "CREATE SEQUENCE numbers",
    "CREATE SEQUENCE steps START WITH 5 INCREMENT BY 2 MINVALUE 1 MAXVALUE 1000 CACHE 10 CYCLE",
    "CREATE SEQUENCE down INCREMENT BY -3",
)


def create(flavour: Flavour, *statements: str) -> Schema:
    flavour.conn.execute(TABLE)
    for sql in statements:
        flavour.conn.execute(sql)
    return flavour.dialect.inspect(flavour.conn, Scope())


def definition(schema: Schema, ref: Ref) -> Definition:
    item = schema.get(ref)
    assert isinstance(item, Definition)
    return item


def drop_and_create(flavour: Flavour, schema: Schema) -> Schema:
    """Drop all definitions and sequences, create them from their texts in the order of their needs, and inspect."""
    items = [item for item in schema.objects() if isinstance(item, Definition | SequenceObject)]
    for change in (Drop(item) for item in reversed(items)):
        for sql in flavour.dialect.ddl(change, schema, Schema(), Prefs()):
            flavour.conn.execute(sql)
    assert not [item for item in flavour.dialect.inspect(flavour.conn, Scope()).objects() if item in items]
    waiting = items
    while waiting:
        names = {item.ref for item in waiting}
        ready = [item for item in waiting if names.isdisjoint(item.uses())]
        assert ready, "the needs form a circle"
        for item in ready:
            for sql in flavour.dialect.ddl(Add(item), Schema(), schema, Prefs()):
                flavour.conn.execute(sql)
        waiting = [item for item in waiting if item not in ready]
    return flavour.dialect.inspect(flavour.conn, Scope())


def shown(flavour: Flavour, schema: Schema) -> list[str]:
    """What the server itself says of each object, without the moment of its creation."""
    conn = flavour.conn
    texts = [
        " ".join(str(conn.query(f"SHOW CREATE {ref.kind} `{ref.name}`")[0][SHOWN.get(ref.kind, 2)]).split())
        for ref, item in schema.items()
        if isinstance(item, Definition) and ref.kind not in ("function", "procedure")
    ]
    routines = conn.query(f"SELECT {ROUTINES} FROM information_schema.routines WHERE routine_schema = DATABASE()")
    parameters = conn.query(
        f"SELECT {PARAMETERS} FROM information_schema.parameters WHERE specific_schema = DATABASE()"
    )
    return sorted((*texts, *map(str, routines), *map(str, parameters)))


SHOWN = {"view": 1, "event": 3}
"""The column of SHOW CREATE with the text."""
ROUTINES = (
    "routine_name, routine_type, dtd_identifier, collation_name, routine_definition, is_deterministic, sql_data_access,"
    " security_type, sql_mode, routine_comment, definer, character_set_client, database_collation"
)
PARAMETERS = (
    "specific_name, routine_type, ordinal_position, parameter_mode, parameter_name, dtd_identifier, collation_name"
)


def test_texts_create_the_same_objects_again(flavour: Flavour) -> None:
    sequences = SEQUENCES if flavour.name == "mariadb" else ()
    before = create(flavour, *OBJECTS, *sequences)
    printed = shown(flavour, before)
    assert drop_and_create(flavour, before) == before
    assert shown(flavour, before) == printed


def test_needs_are_tables_views_functions_and_the_trigger_before(flavour: Flavour) -> None:
    schema = create(flavour, *OBJECTS)
    table = Ref("table", "t")
    assert definition(schema, Ref("view", "named")).needs == {table, Ref("view", "plain")}
    assert definition(schema, Ref("view", "several")).needs == {table, Ref("view", "plain")}
    assert definition(schema, Ref("view", "called")).needs == {table, Ref("function", "f")}
    first, second = (Ref("trigger", name, None, "t") for name in ("first", "second"))
    assert definition(schema, first).needs == set()
    assert definition(schema, second).needs == {first}
    assert definition(schema, Ref("trigger", "third", None, "t")).needs == {second}


def test_names_of_a_views_columns_are_written_only_where_its_query_has_others(flavour: Flavour) -> None:
    schema = create(flavour, *OBJECTS)
    assert definition(schema, Ref("view", "plain")).sql.text.startswith("CREATE VIEW plain AS\n")
    assert flavour.conn.database
    assert flavour.conn.database not in definition(schema, Ref("view", "named")).sql.text
    columns = [row[0] for row in flavour.conn.query("SHOW COLUMNS FROM named")]
    assert columns == ["x", "y"]


def test_the_sql_mode_of_a_body_comes_back(flavour: Flavour) -> None:
    mode = flavour.conn.query("SELECT @@sql_mode")[0][0]
    flavour.conn.execute("SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'")
    flavour.conn.execute('CREATE PROCEDURE ansi() SELECT "a" || \'b\' FROM (SELECT 1 AS "a") AS x')
    flavour.conn.execute(f"SET sql_mode = '{mode}'")
    before = create(flavour)
    assert drop_and_create(flavour, before) == before
    assert flavour.conn.query("SELECT @@sql_mode")[0][0] == mode
    stored = flavour.conn.query(
        "SELECT sql_mode FROM information_schema.routines WHERE routine_name = 'ansi' AND routine_schema = DATABASE()"
    )[0][0]
    assert {"ANSI_QUOTES", "PIPES_AS_CONCAT"} <= set(stored.split(","))


def test_an_object_of_another_account_keeps_its_definer(flavour: Flavour) -> None:
    schema = create(
        flavour, "CREATE DEFINER=`somebody`@`10.0.0.%` VIEW theirs AS SELECT id FROM t", "CREATE VIEW ours AS SELECT 1"
    )
    assert "DEFINER=`somebody`@`10.0.0.%`" in definition(schema, Ref("view", "theirs")).sql.text
    assert "DEFINER" not in definition(schema, Ref("view", "ours")).sql.text


def test_views_on_dropped_columns_and_tables_are_broken(flavour: Flavour) -> None:
    create(flavour, "CREATE VIEW v AS SELECT n FROM t", "CREATE VIEW w AS SELECT n FROM v", "CREATE VIEW x AS SELECT 1")
    assert flavour.dialect.broken_objects(flavour.conn) == {}
    flavour.conn.execute("ALTER TABLE t DROP COLUMN n")
    assert set(flavour.dialect.broken_objects(flavour.conn)) == {Ref("view", "v"), Ref("view", "w")}
    flavour.conn.execute("DROP TABLE t")
    assert set(flavour.dialect.broken_objects(flavour.conn)) == {Ref("view", "v"), Ref("view", "w")}


def test_a_text_that_names_a_database_says_so(flavour: Flavour) -> None:
    name = flavour.conn.database
    schema = create(
        flavour,
        f"CREATE TRIGGER far AFTER INSERT ON t FOR EACH ROW DELETE FROM {name}.t WHERE id = 0",
        "CREATE TRIGGER near AFTER DELETE ON t FOR EACH ROW SET @x = OLD.id",
    )
    assert Ref("database", str(name)) in definition(schema, Ref("trigger", "far", None, "t")).needs
    assert definition(schema, Ref("trigger", "near", None, "t")).needs == set()


def test_a_body_that_may_not_be_read_is_not_dropped(flavour: Flavour) -> None:
    schema = create(flavour, "CREATE PROCEDURE secret() SELECT 1")
    item = definition(schema, Ref("procedure", "secret"))
    unread = Definition(item.kind, item.name, item.sql, lost=("its text, which this account may not read",))
    with pytest.raises(Unsupported, match="would lose its text"):
        flavour.dialect.ddl(Drop(unread), schema, Schema(), Prefs())


def test_the_number_of_queries_does_not_grow_with_the_objects(flavour: Flavour) -> None:
    flavour.conn.execute(TABLE)
    few = _queries(flavour)
    for number in range(10):
        flavour.conn.execute(f"CREATE VIEW v{number} AS SELECT id FROM t WHERE n = 'x'")
        flavour.conn.execute(f"CREATE TRIGGER t{number} BEFORE INSERT ON t FOR EACH ROW SET NEW.id = {number}")
        flavour.conn.execute(f"CREATE FUNCTION f{number}(a INT) RETURNS INT DETERMINISTIC RETURN a + {number}")
        flavour.conn.execute(f"CREATE EVENT e{number} ON SCHEDULE EVERY 1 YEAR DISABLE DO DELETE FROM t")
    assert _queries(flavour) <= 15
    assert few <= 8


def _queries(flavour: Flavour) -> int:
    before = flavour.conn.sent
    flavour.dialect.inspect(flavour.conn, Scope())
    return flavour.conn.sent - before
