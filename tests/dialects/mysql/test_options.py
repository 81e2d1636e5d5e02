"""Options by SQLAlchemy's keywords, in the spelling of the servers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from dbwarden import dialects
from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.options import Options
from dbwarden.core.types import DataType, Ref
from dbwarden.core.unspecified import with_initial_options
from dbwarden.dialects.mysql.options import BY_KIND, known_options
from dbwarden.models import ignored

COLUMNS = (Column("id", DataType("int")),)


@pytest.mark.parametrize(
    ("keywords", "known"),
    [
        ({"engine": "innodb"}, {}), ({"engine": "myisam"}, {"engine": "MyISAM"}), ({"engine": "heap"}, {"engine": "MEMORY"}),
        ({"default_charset": "UTF8"}, {"charset": "utf8mb3"}), ({"character_set": "latin1"}, {"charset": "latin1"}),
        ({"collate": "utf8_bin"}, {"collate": "utf8mb3_bin"}), ({"row_format": "dynamic"}, {}),
        ({"row_format": "compressed"}, {"row_format": "COMPRESSED"}), ({"row_format": "default"}, {}),
        ({"engine": "MyISAM", "row_format": "dynamic"}, {"engine": "MyISAM", "row_format": "DYNAMIC"}),
        ({"partition_by": "HASH(id)", "partitions": "4"}, {"partition_by": "HASH(id) PARTITIONS 4"}),
        (
            {"partition_by": "RANGE (id)", "subpartition_by": "HASH (n)", "subpartitions": "2"},
            {"partition_by": "RANGE (id) SUBPARTITION BY HASH (n) SUBPARTITIONS 2"},
        ),
        ({"stats_persistent": "DEFAULT", "checksum": "0"}, {}), ({"stats_persistent": "1"}, {"stats_persistent": "1"}),
        ({"compression": "zlib"}, {"compression": "zlib"}), ({"system_versioning": "True"}, {"system_versioning": "true"}),
        ({"listeners": "x"}, {}),
    ],
)  # fmt: skip
def test_options_of_tables(keywords: dict[str, str], known: dict[str, str]) -> None:
    options = known_options(Options.of(keywords), "table")
    assert dict(options) == known
    assert known_options(options, "table") == options


def test_options_of_other_kinds() -> None:
    assert dict(known_options(Options.of({"with_parser": "NGRAM", "invisible": "1"}), "index")) == {
        "parser": "ngram",
        "invisible": "true",
    }
    assert dict(known_options(Options.of({"using": "BTREE"}), "primary_key")) == {}
    assert dict(known_options(Options.of({"using": "HASH"}), "primary_key")) == {"using": "hash"}
    assert dict(known_options(Options.of({"not_enforced": "on"}), "check")) == {"not_enforced": "true"}
    assert dict(known_options(Options.of({"cache": "1000", "cycle": "True"}), "sequence")) == {"cycle": "true"}


def test_the_first_number_counts_for_a_new_table_only() -> None:
    """The counter of an existing table moves on."""
    desired = Table.of("t", COLUMNS, options=Options.of({"auto_increment": "100"}))
    for existing in (Options(), Options.of({"auto_increment": "105"})):
        table = replace(desired, options=existing)
        assert with_initial_options(Schema((table,)), Schema((desired,)), BY_KIND).table(Ref("table", "t")) == table
    assert with_initial_options(Schema(), Schema((desired,)), BY_KIND).table(Ref("table", "t")) == desired


@pytest.mark.parametrize("flavour", ["mysql", "mariadb"])
def test_an_option_that_nobody_knows_is_named_with_its_table(flavour: str) -> None:
    metadata = sa.MetaData()
    wrong = {f"{flavour}_{key}": "1" for key in ("stats_persistant", "engine", "default_charset", "partitions")}
    tables = [sa.Table(name, metadata, sa.Column("id", sa.Integer), **wrong) for name in ("posts", "users")]
    notes = ignored.notes(tables, dialects.get(flavour))
    assert [note.partition(":")[0] for note in notes] == [
        f"DBWarden leaves out {flavour}_stats_persistant of {table.name}" for table in tables
    ]
