"""Each dialect has decided on each kind of object: it lacks it, or it prints it and finds it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core import kinds
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Definition, Enum, Object, Schema, Table
from dbwarden.core.plan import Pair, plan
from dbwarden.core.sqltext import split
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import Unsupported

ONE_OF_EACH = {
    "postgresql": """
        CREATE SCHEMA s;
        CREATE EXTENSION citext;
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
        CREATE TYPE pair AS (a integer, b text);
        CREATE TYPE span AS RANGE (subtype = float8);
        CREATE SEQUENCE numbers;
        CREATE TABLE a (id integer PRIMARY KEY, m mood, u text UNIQUE, c positive CHECK (c < 9), r int4range,
            EXCLUDE USING gist (r WITH &&));
        CREATE TABLE b (a integer REFERENCES a);
        CREATE INDEX by_m ON a (m);
        CREATE TABLE parted (at date) PARTITION BY RANGE (at);
        CREATE TABLE part PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE FOREIGN DATA WRAPPER nothing;
        CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
        CREATE FOREIGN TABLE far (id integer) SERVER elsewhere;
        CREATE VIEW v AS SELECT id FROM a;
        CREATE MATERIALIZED VIEW mv AS SELECT id FROM a;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
        CREATE PROCEDURE p() LANGUAGE sql AS $$SELECT 1 FROM a$$;
        CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
        CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
        CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION e();
        CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f();
        CREATE RULE r AS ON DELETE TO b DO INSTEAD NOTHING;
        CREATE POLICY only_small ON a USING (id < 9);
        ALTER TABLE a ENABLE ROW LEVEL SECURITY;
        CREATE STATISTICS st ON id, u FROM a;
        CREATE COLLATION german (LOCALE = 'C');
        CREATE TEXT SEARCH DICTIONARY stems (TEMPLATE = simple);
        CREATE TEXT SEARCH CONFIGURATION words (PARSER = default);
        CREATE PUBLICATION pub FOR TABLE a, TABLES IN SCHEMA s;
        GRANT SELECT (id) ON a TO PUBLIC;
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
    """,
    "sqlite": """
        CREATE TABLE a (id integer PRIMARY KEY, u text UNIQUE, c integer CHECK (c < 9));
        CREATE TABLE b (a integer REFERENCES a);
        CREATE INDEX by_u ON a (u);
        CREATE VIEW v AS SELECT id FROM a;
        CREATE TRIGGER t AFTER UPDATE ON a BEGIN SELECT 1; END;
        CREATE VIRTUAL TABLE words USING fts5(word);
    """,
    "mysql": """
        CREATE TABLE a (id INT PRIMARY KEY, u VARCHAR(9) UNIQUE, c INT, CONSTRAINT few CHECK (c < 9));
        CREATE TABLE b (a INT, FOREIGN KEY (a) REFERENCES a (id));
        CREATE VIEW v AS SELECT id FROM a;
        CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
        CREATE PROCEDURE p() SELECT 1;
        CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW SET NEW.c = 1;
        CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO DELETE FROM b;
    """,
    "clickhouse": """
        CREATE TABLE a (id UInt64, u String, INDEX by_u u TYPE minmax, CONSTRAINT few CHECK id < 9,
            PROJECTION p (SELECT u, count() GROUP BY u)) ENGINE = MergeTree ORDER BY id;
        CREATE TABLE sums (u String, n UInt64) ENGINE = SummingMergeTree ORDER BY u;
        CREATE VIEW v AS SELECT id FROM a;
        CREATE MATERIALIZED VIEW mv TO sums AS SELECT u, count() AS n FROM a GROUP BY u;
        CREATE DICTIONARY d (u String, n UInt64) PRIMARY KEY u SOURCE(CLICKHOUSE(TABLE 'sums'))
            LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(0);
    """,
}
ONE_OF_EACH["mariadb"] = f"{ONE_OF_EACH['mysql']} CREATE SEQUENCE numbers;"
NEEDS_A_PROVIDER = Definition(
    "security_label", "l", Expression("SECURITY LABEL ON TABLE a IS 'x'"), on=Ref("table", "a")
)
"""A plain server has no provider of security labels."""
BY_OTHERS = ("named_collection",)
"""Kinds that somebody else creates."""
OF_THE_SERVER = {
    "clickhouse": (
        Definition("function", "f", Expression("CREATE FUNCTION f AS x -> x")),
        Definition("named_collection", "c", Expression("CREATE NAMED COLLECTION c AS a = '...'")),
    ),
    "postgresql": (
        Definition("role", "r", Expression("CREATE ROLE r", "-")),
        Definition("membership", "r in pg_monitor", Expression("GRANT pg_monitor TO r", "-")),
        Definition("owner", "role", Expression("ALTER TABLE a OWNER TO r", "r"), on=Ref("table", "a"), attached=True),
    ),
}
OF_THE_SERVER["mysql"] = OF_THE_SERVER["mariadb"] = (
    Definition("role", "r", Expression("CREATE ROLE r", "role")),
    Definition("membership", "a in r", Expression("GRANT r TO a", "-")),
    Definition("grant", "a", Expression("GRANT SELECT ON a TO a", "SELECT"), on=Ref("table", "a"), attached=True),
)
"""Objects that the databases of a server share; tests/dialects/clickhouse/test_definitions.py and
tests/dialects/postgresql/test_roles.py, test_owners.py and tests/dialects/mysql/test_privileges.py create some."""


def parts(item: Object) -> Iterator[str]:
    yield item.kind
    if isinstance(item, Table):
        yield from ("column" for _ in item.columns)
        yield from ("foreign_table" for option, _ in item.options if option == "server")
        yield from (partition.kind for partition in item.partitions)
    if isinstance(item, Enum):
        yield "enum_value"


@pytest.fixture
def inspected(database_url: str) -> tuple[Dialect, list[Object]]:
    conn = connect(database_url)
    name = database_url.partition(":")[0]
    dialect = dialects.get(name).for_server(dialects.get(name).server_of(conn))
    for statement in split(ONE_OF_EACH[name], dialect.lexical_rules):
        conn.execute(statement.text)
    scope = Scope((None, "s") if dialect.features.has("namespace") else (None,))
    items = [*dialect.inspect(conn, scope).objects()]
    conn.close()
    items += OF_THE_SERVER.get(name, ())
    return dialect, [*items, NEEDS_A_PROVIDER] if dialect.features.has("security_label") else items


def test_no_kind_is_undecided(inspected: tuple[Dialect, list[Object]]) -> None:
    dialect, items = inspected
    inspected_kinds = {kind for item in items for kind in parts(item)}
    undecided = kinds.KINDS.keys() - inspected_kinds - dialect.features.lacks
    assert not undecided, f"{dialect.name} neither finds {', '.join(sorted(undecided))} nor says that it lacks them"
    assert not inspected_kinds & dialect.features.lacks
    assert inspected_kinds <= kinds.KINDS.keys()


def test_what_is_not_lacking_is_printed(inspected: tuple[Dialect, list[Object]]) -> None:
    dialect, items = inspected
    schema = Schema(item for item in items if item.kind not in BY_OTHERS)
    printed = plan(Pair(Schema(), schema), dialect)
    assert printed.upgrade() and printed.rollback()
    assert not [step.irreversible for step in printed.steps if step.irreversible]


def test_what_is_lacking_is_refused(inspected: tuple[Dialect, list[Object]]) -> None:
    dialect, _ = inspected
    lacking = [kind for kind in dialect.features.lacks if kinds.of(kind).text_defined]
    for kind in lacking:
        item = Definition(kind, "x", Expression("CREATE x"))
        with pytest.raises(Unsupported):
            plan(Pair(Schema((item,)), Schema()), dialect)
