"""Options of the objects of MySQL and MariaDB, by SQLAlchemy's keywords without ``mysql_`` and ``mariadb_``.

``partition_by`` is the whole clause after PARTITION BY, with the keywords ``partitions``, ``subpartition_by`` and
``subpartitions`` in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from dbwarden.core.options import OptionChange, Options, OptionSpec
from dbwarden.dialects.base import options as base

from .charsets import charset_name, collation_name

_ENGINES = {
    name.lower(): name
    for name in "InnoDB MyISAM MEMORY ARCHIVE CSV BLACKHOLE FEDERATED Aria MRG_MyISAM ROCKSDB SPIDER CONNECT ndbcluster".split()
} | {"heap": "MEMORY", "merge": "MRG_MyISAM", "ndb": "ndbcluster", "maria": "Aria"}
_DEFAULT = "DEFAULT"


def _spec(
    key: str, default: str | None = None, change: OptionChange = OptionChange.IN_PLACE, *words: str
) -> OptionSpec:
    return OptionSpec(key, default, change, words or (key.upper(),))


TABLE = (
    _spec("engine", "InnoDB"),
    OptionSpec("auto_increment", "1", words=("AUTO_INCREMENT",), initial=True),
    OptionSpec("charset", words=("CHARSET", "CHARACTER")),
    _spec("collate"),
    _spec("row_format", _DEFAULT),
    _spec("key_block_size", "0"),
    *(_spec(key) for key in ("avg_row_length", "max_rows", "min_rows")),
    *(_spec(key, "0") for key in ("checksum", "delay_key_write")),
    *(_spec(key, _DEFAULT) for key in ("pack_keys", "stats_persistent", "stats_auto_recalc", "stats_sample_pages")),
    *(_spec(key, "1") for key in ("transactional", "page_checksum")),  # those of Aria
    *(_spec(key) for key in ("compression", "connection", "insert_method", "union", "autoextend_size")),
    _spec("encryption", "N"),
    *(_spec(key) for key in ("engine_attribute", "secondary_engine", "secondary_engine_attribute")),
    _spec("page_compressed", "0"),
    _spec("page_compression_level"),
    _spec("encrypted", _DEFAULT),
    _spec("encryption_key_id", "1"),
    _spec("tablespace", "innodb_file_per_table"),
    OptionSpec("data_directory", change=OptionChange.NEVER, words=("DATA",)),
    OptionSpec("index_directory", change=OptionChange.NEVER, words=("INDEX",)),
    OptionSpec("partition_by", words=("PARTITION",), undone_by=("REMOVE",)),
    OptionSpec("system_versioning", default="false", words=("VERSIONING",)),
    OptionSpec("periods", words=("PERIOD",), inside=True),
)
COLUMN = (
    OptionSpec("charset", words=("CHARSET", "CHARACTER"), preserved=False),
    OptionSpec("on_update", words=("UPDATE",), preserved=False),
    OptionSpec("invisible", default="false", words=("INVISIBLE",), undone_by=("VISIBLE",)),
    OptionSpec("srid", words=("SRID", "REF_SYSTEM_ID")),
    OptionSpec("column_format", words=("COLUMN_FORMAT",)),
    OptionSpec("storage", words=("STORAGE",)),
    OptionSpec("without_system_versioning", default="false", words=("WITHOUT",)),
)
INDEX = (
    OptionSpec("parser", change=OptionChange.RECREATE, words=("PARSER",), preserved=False),
    OptionSpec("invisible", default="false", words=("INVISIBLE", "IGNORED"), undone_by=("VISIBLE",)),
    OptionSpec("key_block_size", default="0", change=OptionChange.RECREATE, words=("KEY_BLOCK_SIZE",)),
    OptionSpec("without_overlaps", change=OptionChange.RECREATE, words=("OVERLAPS",)),
)
KEY = (
    OptionSpec("using", default="btree", change=OptionChange.RECREATE, words=("USING",), preserved=False),
    OptionSpec("without_overlaps", change=OptionChange.RECREATE, words=("OVERLAPS",)),
)
CHECK = (OptionSpec("not_enforced", default="false", words=("ENFORCED",)),)
SEQUENCE = (
    OptionSpec("start", default="1", words=("START",)),
    OptionSpec("increment", default="1", words=("INCREMENT",)),
    OptionSpec("minvalue", words=("MINVALUE",)),
    OptionSpec("maxvalue", words=("MAXVALUE",)),
    OptionSpec("cache", default="1000", words=("CACHE",)),
    OptionSpec("cycle", default="false", words=("CYCLE",)),
)
BY_KIND: Mapping[str, tuple[OptionSpec, ...]] = {
    "table": TABLE,
    "column": COLUMN,
    "index": INDEX,
    "primary_key": KEY,
    "check": CHECK,
    "sequence": SEQUENCE,
}

_OTHER_KEYS = {
    **dict.fromkeys(("default_charset", "character_set", "default_character_set"), "charset"),
    "default_collate": "collate",
    "with_parser": "parser",
}
_PARTITIONS = ("partition_by", "partitions", "subpartition_by", "subpartitions")
"""Keywords of the clause PARTITION BY, in the order in which SQLAlchemy writes them."""
_AS_WRITTEN = frozenset(
    "compression connection data_directory index_directory engine_attribute secondary_engine_attribute partition_by periods"
    " on_update tablespace".split()
)


def unknown_table_options(keys: Iterable[str]) -> Iterator[str]:
    """The keywords of a table, without their prefix, that are not options of either server."""
    known = {*(spec.key for spec in TABLE), *_OTHER_KEYS, *_PARTITIONS}
    return (key for key in keys if key.lower().replace(" ", "_") not in known)


@lru_cache(maxsize=4096)
def known_options(options: Options, kind: str) -> Options:
    """The options that the servers know for this kind of object, without those that have their default."""
    values = {_OTHER_KEYS.get(key, key): value for key, value in options}
    if "partition_by" in values:
        values["partition_by"] = _partition_clause(values)
    known = base.known_options(Options.of(values), BY_KIND.get(kind, ()), _spelled)
    if kind == "table" and known.get("engine") is None and known.get("row_format") == "DYNAMIC":
        return known.with_(row_format=None)  # innodb_default_row_format
    return known


def _partition_clause(values: Mapping[str, str]) -> str:
    words = [values["partition_by"]]
    for key in _PARTITIONS[1:]:
        if key in values:
            words += [key.upper().replace("_", " "), values[key]]
    return " ".join(words)


def _spelled(spec: OptionSpec, value: str) -> str:
    if spec.key == "engine":
        return _ENGINES.get(value.lower(), value)
    if spec.key == "charset":
        return charset_name(value)
    if spec.key == "collate":
        return collation_name(value)
    if spec.key in ("using", "parser", "secondary_engine") or spec.default in ("true", "false"):
        return base.flag(spec, value).lower()
    return value if spec.key in _AS_WRITTEN else value.upper()
