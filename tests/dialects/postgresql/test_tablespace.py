"""Tablespaces need one on the server: made in place (PostgreSQL 15 and later), gone afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from tests.support.project import Project, create_all, metadata_of

PLAIN = """
from sqlalchemy import Column, Index, Integer, MetaData, Table

metadata = MetaData()
t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("n", Integer), Index("ix_n", "n"))
"""


@pytest.fixture
def tablespace(postgresql_url: str) -> Iterator[str]:
    name = f"fast_{secrets.token_hex(4)}"
    with connect(postgresql_url) as conn:
        if not conn.query("SELECT 1 FROM pg_settings WHERE name = 'allow_in_place_tablespaces'"):
            pytest.skip("tablespaces in place: PostgreSQL 15 and later")
        conn.execute("SET allow_in_place_tablespaces = on")
        conn.execute(f"CREATE TABLESPACE {name} LOCATION ''")
        yield name
        conn.execute("DROP TABLE IF EXISTS t CASCADE")
        conn.execute(f"DROP TABLESPACE {name}")


def places(url: str) -> dict[str, str]:
    """Where the table and its indexes are; ``pg_dump`` says it in settings between the statements."""
    sql = (
        "SELECT relname, coalesce(spcname, 'default') FROM pg_class LEFT JOIN pg_tablespace s ON s.oid = reltablespace"
        " WHERE relname IN ('t', 't_pkey', 'ix_n', 'm', 'on_m')"
    )
    with connect(url) as conn:
        return dict(conn.query(sql))  # type: ignore[arg-type]


def test_tables_and_indexes_move_there_and_back(postgresql_url: str, tablespace: str, tmp_path: Path) -> None:
    moved = PLAIN.replace('Index("ix_n", "n"))', f'Index("ix_n", "n", postgresql_tablespace="{tablespace}"),')
    moved += f'    postgresql_tablespace="{tablespace}")\n'
    project = Project(tmp_path / "project", postgresql_url)
    project.reach(PLAIN)
    former = places(postgresql_url)
    assert set(former.values()) == {"default"}
    project.models(moved)
    assert tablespace in project.generate().text
    project.migrate()
    assert project.generate().empty
    there = places(postgresql_url)
    assert there["t"] == there["ix_n"] == tablespace
    project.rollback()
    assert places(postgresql_url) == former
    project.rollback()
    create_all(metadata_of(moved), postgresql_url)
    assert places(postgresql_url) == there


def test_a_materialized_view_stays_there(postgresql_url: str, tablespace: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.reach(PLAIN)
    with connect(postgresql_url) as conn:
        conn.execute(f"CREATE MATERIALIZED VIEW m TABLESPACE {tablespace} AS SELECT n FROM t")
        conn.execute(f"CREATE INDEX on_m ON m (n) TABLESPACE {tablespace} WHERE n > 0")
    former = places(postgresql_url)
    assert former["m"] == former["on_m"] == tablespace
    project.models(
        PLAIN.replace('"n", Integer', '"n", BigInteger').replace("import Column", "import BigInteger, Column")
    )
    assert "DROP MATERIALIZED VIEW m" in project.generate().text
    project.migrate()
    assert places(postgresql_url) == former
