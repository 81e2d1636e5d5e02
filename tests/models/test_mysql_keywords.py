"""Every keyword that SQLAlchemy's dialects for MySQL and MariaDB declare or write changes what is read from the models."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.mysql.base import MySQLDialect

from dbwarden import dialects
from dbwarden.models.read import read

VALUES = {"using": "hash", "length": 5, "prefix": "FULLTEXT", "with_parser": "ngram"}
OF_TABLES = {
    "engine": "MyISAM", "charset": "latin1", "default_charset": "latin1", "character_set": "latin1",
    "default_character_set": "latin1", "collate": "latin1_bin", "default_collate": "latin1_bin", "row_format": "COMPACT",
    "key_block_size": "8", "auto_increment": "7", "partition_by": "HASH (id)", "data_directory": "/x",
    "index_directory": "/x", "stats_persistent": "1", "max_rows": "9", "min_rows": "9", "avg_row_length": "9",
    "checksum": "1", "delay_key_write": "1", "pack_keys": "1", "insert_method": "LAST", "union": "(a, b)",
    "connection": "x", "encryption": "Y", "compression": "zlib", "tablespace": "x",
}  # fmt: skip
"""The options of CREATE TABLE in the manuals, which SQLAlchemy takes by any name."""
DECLARED = [
    (construct, keyword)
    for construct, keywords in MySQLDialect.construct_arguments
    if construct in (sa.Index, sa.PrimaryKeyConstraint)
    for keyword in keywords
]


def _schema(engine: str, table: dict[str, Any], key: dict[str, Any], index: dict[str, Any]) -> object:
    metadata = sa.MetaData()
    columns = sa.Column("id", sa.Integer), sa.Column("a", sa.String(20), nullable=False)
    made = sa.Table("t", metadata, *columns, sa.PrimaryKeyConstraint("id", **key), **table)
    sa.Index("ix_a", made.c.a, **index)
    return read([metadata], dialects.get(engine))


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
@pytest.mark.parametrize(("construct", "keyword"), DECLARED)
def test_keywords_of_indexes_and_keys_are_read(engine: str, construct: type, keyword: str) -> None:
    keywords = {f"{engine}_{keyword}": VALUES[keyword]}
    key, index = ({}, keywords) if construct is sa.Index else (keywords, {})
    assert _schema(engine, {}, key, index) != _schema(engine, {}, {}, {})


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
@pytest.mark.parametrize("keyword", OF_TABLES)
def test_options_of_tables_are_read(engine: str, keyword: str) -> None:
    before = dialects.get(engine).canonical(_schema(engine, {}, {}, {}))  # type: ignore[arg-type]
    changed = _schema(engine, {f"{engine}_{keyword}": OF_TABLES[keyword]}, {}, {})
    assert dialects.get(engine).canonical(changed) != before  # type: ignore[arg-type]
