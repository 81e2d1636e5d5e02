"""Table engines and the clauses of a table in the form in which the server prints them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dbwarden.core.model import PrimaryKey
from dbwarden.core.options import Options
from dbwarden.core.tokens import readable
from dbwarden.core.types import DataType

from .engine_arguments import ELSEWHERE, SECRET, canonical_arguments, hidden_in_url
from .expressions import expression_key, key_clause, key_parts, settings_of, split
from .formatting import formatted as normalized
from .old_syntax import modern_clauses
from .options import DEFAULT_SETTINGS
from .ttl_rules import TTLRule, rules_of
from .words import LEXICAL_RULES, name_of, quote, string_literal

_KEYS = ("partition_by", "primary_key", "order_by")


def family(engine: str) -> str:
    """The name of an engine without its arguments."""
    return engine.partition("(")[0].strip()


def is_merge_tree(engine: str) -> bool:
    """Whether a table of the engine has parts, keys, projections and skipping indexes."""
    return family(engine).endswith("MergeTree")


def is_replicated(engine: str) -> bool:
    """Whether an engine replicates by itself."""
    return family(engine).startswith("Replicated")


_OWN_ROWS = frozenset(("Log", "TinyLog", "StripeLog", "Memory", "Join", "EmbeddedRocksDB", "File"))


def has_own_rows(engine: str) -> bool:
    """Whether the rows of a table are in itself: not in the table, file, bucket or server that its arguments name."""
    if family(engine) == "File":
        return "," not in engine
    return is_merge_tree(engine) or family(engine) in _OWN_ROWS


def canonical_clauses(
    options: Options, key: PrimaryKey | None, database: str | None = None, table: str | None = None
) -> Options:
    """The clauses of a table. A plain table is ordered by its primary key; a sorting key that is the primary key is written
    once."""
    values: dict[str, str | None] = dict(modern_clauses(dict(options)))
    engine = canonical_call(values.get("engine") or "MergeTree", database, table)
    values["engine"] = engine
    if is_merge_tree(engine):
        values |= _keys(values, key)
    elif partition := values.get("partition_by"):
        values["partition_by"] = normalized_key(partition)
    if family(engine) in _KEYED:
        values |= _plain_keys(values, key)
    for name, normalize in NORMALIZED.items():
        if text := values.get(name):
            values[name] = normalize(text)
    return Options.of({name: value for name, value in values.items() if value != ""})


def _keys(values: Mapping[str, str | None], key: PrimaryKey | None) -> dict[str, str | None]:
    """The keys of a MergeTree table. Without ORDER BY, PRIMARY KEY is the sorting key too."""
    keys = {name: normalized_key(text) for name in _KEYS if (text := values.get(name))}
    of_model = key_clause(map(quote, key.columns)) if key is not None else "tuple()"
    order_by = keys.get("order_by") or keys.get("primary_key") or of_model
    primary = keys.get("primary_key")
    same = primary is None or key_identity(primary) == key_identity(order_by)
    partition = keys.get("partition_by")
    return {
        "order_by": order_by,
        "primary_key": None if same else primary,
        "partition_by": None if partition in (None, "tuple()") else partition,
    }


_KEYED = frozenset("Redis EmbeddedRocksDB KeeperMap MaterializedPostgreSQL".split())
"""Engines beside the family of MergeTree whose tables have a PRIMARY KEY."""


def _plain_keys(values: Mapping[str, str | None], key: PrimaryKey | None) -> dict[str, str | None]:
    """The key of a table that is not sorted by it: that of the model, if no clause says one."""
    primary = values.get("primary_key") or (key_clause(map(quote, key.columns)) if key is not None else None)
    return {"primary_key": normalized_key(primary) if primary else None}


def normalized_key(text: str) -> str:
    """A key as a list of expressions: ``(a, b)``, ``a``, ``tuple()``."""
    return key_clause(map(normalized, key_parts(text)))


def key_identity(text: str) -> tuple[str, ...]:
    """Keys of the expressions of a key."""
    return tuple(map(expression_key, key_parts(text)))


def canonical_call(text: str, database: str | None = None, table: str | None = None) -> str:
    """``MergeTree()`` as ``MergeTree``; the arguments of other engines, index types and codecs with single blanks."""
    text = text.strip()
    opening = text.find("(")
    name = name_of((text[:opening] if opening >= 0 else text).strip())
    arguments = split(text[opening + 1 : -1]) if opening >= 0 else ()
    if name.startswith("Shared"):  # what ClickHouse Cloud makes of every MergeTree
        name = name.removeprefix("Shared")
        arguments = arguments[2:]
    elif is_replicated(name) and tuple(map(normalized, arguments[:2])) == _DEFAULT_PATH:
        arguments = arguments[2:]
    if not arguments:
        return name
    if name in ELSEWHERE:
        return f"{name}({', '.join(canonical_arguments(name, arguments))})"
    shown = list(map(_argument, arguments))
    if is_replicated(name) and table is not None and shown[0][:1] == "'":
        shown[0] = _with_macros(shown[0], {database: "{database}", table: "{table}"})
    if name in _NAMES:
        shown = [_named(text, at, name, database) for at, text in enumerate(shown)]
    return f"{name}({', '.join(shown)})"


_DEFAULT_PATH = ("'/clickhouse/tables/{uuid}/{shard}'", "'{replica}'")
"""Path and replica that the server writes into the definition of a replicated table that names none."""


def _with_macros(path: str, macros: Mapping[str | None, str]) -> str:
    """A path in Keeper with the macros that the server replaces when it creates the table; other macros stay in its text."""
    return "/".join(macros.get(part, part) for part in path[1:-1].split("/")).join("''")


_NAMES = {"Distributed": (3, 1), "Buffer": (2, 0), "Merge": (1, 0)}
"""Engines over other tables: how many of their first arguments are names, and which of these is a database."""


def _named(text: str, at: int, engine: str, database: str | None) -> str:
    """A name as a string literal. The current database is named by its function, so that a file runs in one of another name."""
    names, of_database = _NAMES[engine]
    if at >= names:
        return text
    literal = string_literal(name_of(text)) if text[:1] != "'" and "(" not in text else text
    ours = at == of_database and database is not None and literal == string_literal(database)
    return "currentDatabase()" if ours else literal


_SECRET_SETTING = re.compile(r"(?:password|secret|access_key|token|credential)(?!.*_file)")


def _argument(text: str) -> str:
    """An argument: an expression, or a word such as ANY. A password in a URL is hidden, as the server does."""
    return text if text.isidentifier() else hidden_in_url(normalized(text))


_WHOLE_PART = "100000000"
"""Granularity that the server writes for an index of the whole part."""


def granularity(method: str, declared: str | None) -> str | None:
    """Granularity of a skipping index of a type: a text index has one for each part, a vector index unless it says otherwise."""
    name = family(method)
    if name == "text" or (name == "vector_similarity" and declared is None):
        return _WHOLE_PART
    return declared


# -- codecs -----------------------------------------------------------------------------------------------------------

_WIDTHS = {"8": "1", "16": "2", "32": "4", "64": "8", "128": "16", "256": "32"}
_LEVELS = {"ZSTD": "1", "LZ4HC": "9", "Deflate_qpl": ""}
_SIZED = frozenset(("Delta", "DoubleDelta", "Gorilla", "FPC", "GCD"))


def canonical_codec(text: str, datatype: DataType) -> str | None:
    """The codecs of a column; ``None`` for the default one. ``Delta`` gets the width of the type, ``ZSTD`` its level."""
    inner = text.strip()
    if inner.upper().startswith("CODEC(") and inner.endswith(")"):
        inner = inner[len("CODEC(") : -1]
    codecs = [_codec(part, datatype) for part in split(inner)]
    return None if codecs in ([], ["Default"]) else ", ".join(codecs)


def _codec(text: str, datatype: DataType) -> str:
    call = canonical_call(text)
    if "(" in call:
        return call
    if call in _SIZED and (width := value_width(datatype)):
        return f"{call}({width})"
    return f"{call}({_LEVELS[call]})" if _LEVELS.get(call) else call


_FIXED = {
    "Date": "2", "Date32": "4", "DateTime": "4", "DateTime64": "8", "Enum8": "1", "Enum16": "2", "Bool": "1", "UUID": "16",
    "IPv4": "4", "IPv6": "16", "Time": "4", "Time64": "8",
}  # fmt: skip
_DECIMALS = ((9, "4"), (18, "8"), (38, "16"), (76, "32"))


def value_width(datatype: DataType) -> str:
    """Bytes of one value of a type, of an element of an array; empty for values of varying length."""
    name = datatype.name
    if name in ("Array", "LowCardinality", "Nullable"):
        from .types import parse

        return value_width(parse(datatype.args[0]))
    if name == "Decimal":
        return next((width for digits, width in _DECIMALS if int(datatype.args[0]) <= digits), "")
    if name == "FixedString":
        return datatype.args[0]
    if name in _FIXED:
        return _FIXED[name]
    return _WIDTHS.get("".join(filter(str.isdigit, name)), "") if name.startswith(("Int", "UInt", "Float")) else ""


# -- other clauses ----------------------------------------------------------------------------------------------------


def _ttl(text: str) -> str:
    """Rules of a TTL; deleting rows is what a rule does if it says nothing else."""
    return ", ".join(map(canonical_rule, rules_of(text)))


def canonical_rule(rule: TTLRule) -> str:
    """An expression and what follows it: ``at + toIntervalDay(1) WHERE id > 3``."""
    tail = _with_capitals(rule.tail)
    if tail.startswith("WHERE"):
        tail = f"WHERE {normalized(tail[len('WHERE') :])}"
    return f"{normalized(rule.time)} {tail}".strip()


_TTL_WORDS = frozenset("TO GROUP SET WHERE RECOMPRESS".split())
_TTL_PHRASES = _TTL_WORDS | frozenset("BY DISK VOLUME CODEC IF EXISTS".split())


def _with_capitals(tail: str) -> str:
    """What follows the expression of a rule, its keywords in capitals."""
    parts, end = list[str](), 0
    for token in readable(tail, LEXICAL_RULES):
        if token.text.upper() in _TTL_PHRASES:
            parts += (tail[end : token.start], token.text.upper())
            end = token.end
    return "".join((*parts, tail[end:])).strip()


def _settings(text: str) -> str:
    """Settings sorted by name, without those that the server writes into every table."""
    settings = {
        name: f"'{SECRET}'" if _SECRET_SETTING.search(name) and value.startswith("'") else hidden_in_url(value)
        for name, value in settings_of(text).items()
        if DEFAULT_SETTINGS.get(name) != value
    }
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))


def _statistics(text: str) -> str:
    return ", ".join(part.lower() for part in split(text))


NORMALIZED: Mapping[str, Callable[[str], str]] = {
    "ttl": _ttl,
    "sample_by": normalized,
    "settings": _settings,
    "statistics": _statistics,
}
