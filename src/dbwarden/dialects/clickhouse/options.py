"""Options of tables, columns and members, by the names of the clauses in SQL.

A plain table is a ``MergeTree`` that is ordered by its primary key. All clauses are texts; those that are lists of expressions
are canonical if they are what ``system.tables.create_table_query`` shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from dbwarden.core.options import OptionChange, OptionSpec

from .replica_paths import same_engine

_RECREATE = OptionChange.RECREATE

TABLE = (
    OptionSpec("engine", "MergeTree", _RECREATE, ("ENGINE",), preserved=False, same=same_engine),
    OptionSpec("order_by", None, _RECREATE, ("ORDER",), preserved=False),
    OptionSpec("partition_by", None, _RECREATE, ("PARTITION",), preserved=False),
    OptionSpec("primary_key", None, _RECREATE, ("PRIMARY",)),
    OptionSpec("sample_by", words=("SAMPLE",)),
    OptionSpec("ttl", words=("TTL",)),
    OptionSpec("settings", words=("SETTINGS", "SETTING"), pairs=True),
)
COLUMN = (
    OptionSpec("codec", words=("CODEC",)),
    OptionSpec("ttl", words=("TTL",)),
    OptionSpec("statistics", words=("STATISTICS",)),
    OptionSpec("settings", words=("SETTINGS", "SETTING")),
    OptionSpec("ephemeral", "false", words=("EPHEMERAL",), preserved=False),
)
INDEX = (OptionSpec("granularity", "1", _RECREATE, ("GRANULARITY",), preserved=False),)
CHECK = (OptionSpec("assume", "false", _RECREATE, ("ASSUME",), preserved=False),)
PROJECTION = (OptionSpec("settings", None, _RECREATE, ("SETTINGS",), preserved=False),)

BY_KIND: Mapping[str, tuple[OptionSpec, ...]] = {
    "table": TABLE,
    "column": COLUMN,
    "index": INDEX,
    "check": CHECK,
    "projection": PROJECTION,
}
DEFAULT_SETTINGS = {"index_granularity": "8192", "optimize_for_bulk_insert": "true"}
"""Settings that the server writes into every definition, of MergeTree and (after an ALTER) of EmbeddedRocksDB."""
