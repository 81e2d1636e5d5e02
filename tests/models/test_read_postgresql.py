"""What is read for PostgreSQL, against the database that ``create_all`` builds there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, func, text
from sqlalchemy.dialects import postgresql as pg

from dbwarden import dialects
from dbwarden.core.dialect import Scope
from dbwarden.models.read import read
from tests.servers.fixtures import need_driver

from .test_read_emitted import rich


class Guid(sa.types.TypeDecorator[str]):
    """What psycopg's ``type_descriptor`` makes a VARCHAR."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.CHAR(32))


class Plain:
    """As much of a ``core.dialect.Connection`` as inspection needs."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.execute(sa.text(sql), params or {})]


def vendor() -> MetaData:
    metadata = MetaData()
    mood = sa.Enum("good", "bad", name="mood")
    sa.Enum("loose", name="unused", metadata=metadata)
    counter = sa.Sequence("counter", start=5, increment=2, metadata=metadata)
    table = Table(
        "t",
        metadata,
        Column("id", sa.BigInteger, sa.Identity(always=True, start=10), primary_key=True),
        Column("n", Integer, counter, server_default=counter.next_value()),
        Column("mood", mood, server_default="good"),
        Column("moods", pg.ARRAY(mood)),
        Column("data", pg.JSONB, server_default=text("'{}'::jsonb")),
        Column("guid", Guid),
        Column("guids", pg.ARRAY(Guid)),
        Column("share", pg.DOMAIN("share", Text, check=text("VALUE ~ '^[0-9]+%$'"))),
        Column("path", Text, server_default="a\\b 5%", comment="it's"),
        Column("name", String(30, collation="C")),
        Column("at", sa.DateTime(timezone=True), server_default=func.now()),
        Column("span", pg.INT4RANGE),
        Column("key", sa.Uuid, server_default=func.gen_random_uuid()),
        Column("Self", sa.ForeignKey("t.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")),
        sa.UniqueConstraint("n", "name", name="uq", postgresql_nulls_not_distinct=True, comment="why"),
        pg.ExcludeConstraint(("span", "&&"), name="no_overlap"),
        comment="a table",
    )
    lowered = func.lower(table.c.name).label("low")
    sa.Index(
        "ix", lowered, table.c.n.desc(), postgresql_ops={"low": "text_pattern_ops"}, postgresql_where=table.c.n > 5
    )
    sa.Index("ix2", text("path text_pattern_ops"), postgresql_include=["n"], postgresql_with={"fillfactor": 50})
    sa.Index("ix3", sa.nulls_last(table.c.at.desc()), unique=True)
    return metadata


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.parametrize("models", [rich, vendor])
def test_create_all_builds_what_is_read(postgresql_url: str, models: Callable[[], MetaData], driver: str) -> None:
    need_driver(driver)
    metadata, drivername = models(), f"postgresql+{driver}"
    engine = sa.create_engine(sa.engine.make_url(postgresql_url).set(drivername=drivername))
    with engine.connect() as connection:
        metadata.create_all(connection)
        conn: Any = Plain(connection)
        dialect = dialects.get("postgresql")
        dialect = dialect.for_server(dialect.server_of(conn))
        desired, built = (
            dialect.canonical(read([metadata], dialect, drivername=drivername)),
            dialect.inspect(conn, Scope()),
        )
        connection.rollback()
    engine.dispose()
    assert set(built) == set(desired)
    for ref, item in desired.items():
        assert built.get(ref) == item
