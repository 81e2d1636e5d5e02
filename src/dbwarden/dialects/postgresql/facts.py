"""What a statement does, judged by its text: ordered rows of first words -> lock, effects, targets.

Locks are those of chapter 13.3 and the pages of the SQL commands, version 17.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from dbwarden.core.dialect import Server
from dbwarden.core.ownership import RENAME_TABLE
from dbwarden.core.statement import Effect, Facts, Lock
from dbwarden.core.types import Ref

from .reach import reach
from .statements import statement

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_PATH = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_LIST = re.compile(rf"(?:\s*\*?\s*,\s*{_PATH})+")
_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """What a statement that begins so does. ``{name}`` is its target, ``{table}`` the table that it belongs to."""

    words: str
    facts: Facts
    kind: str | None = None
    refine: Callable[[str, Facts], Facts] | None = None

    @property
    def listed(self) -> bool:
        """Whether a list of names may follow."""
        return Effect.DROPS in self.facts.effects or self.facts.action == "truncate"


def _row(words: str, lock: Lock, *effects: Effect, **rest: Any) -> Row:
    """``words``: literal words, ``{name}`` and ``{table}`` for paths, ``<..>`` for what may stand there."""
    kind, refine = rest.pop("kind", None), rest.pop("refine", None)
    return Row(words, Facts(lock=lock, effects=frozenset(effects), **rest), kind, refine)


@lru_cache(maxsize=256)
def _pattern(words: str) -> re.Pattern[str]:
    """Compiled when a statement first begins with the row's first word: most runs need a few of them."""
    text = re.sub(r"<([^>]+)> ", lambda found: f"(?:{found.group(1)} )?", words)
    text = text.replace(" ", r"\s+").replace("{name}", f"(?P<name>{_PATH})").replace("{table}", f"(?P<table>{_PATH})")
    return re.compile(text, re.IGNORECASE)


# -- ALTER TABLE: one action a clause ------------------------------------------------------------------------------

_C, _D, _X = Effect.CHANGES, Effect.DROPS, Effect.DELETES_DATA
_EXCLUSIVE, _SHARE = Lock.ACCESS_EXCLUSIVE, Lock.SHARE
_NOT_VALID, _VALIDATE = "add constraint not valid", "validate constraint"
_ACTIONS: tuple[tuple[str, Lock, tuple[Effect, ...], str], ...] = (
    (r"ADD\s+COLUMN\b", _EXCLUSIVE, (_C,), "add column"),
    (r"DROP\s+COLUMN\b", _EXCLUSIVE, (_D, _X), "drop column"),
    (r"ALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE\b", _EXCLUSIVE, (_C, Effect.REWRITES), "change column type"),
    (r"ALTER\s+(COLUMN\s+)?\S+\s+SET\s+NOT\s+NULL", _EXCLUSIVE, (_C, Effect.SCANS), "set not null"),
    (r"ALTER\s+(COLUMN\s+)?\S+\s+SET\s+EXPRESSION\b", _EXCLUSIVE, (_C, Effect.REWRITES), "change expression"),
    (r"ALTER\s+(COLUMN\s+)?\S+\s+SET\s+(STATISTICS|\()", Lock.SHARE_UPDATE_EXCLUSIVE, (_C,), "alter column"),
    (r"ALTER\s+(COLUMN\s+)?\S+\s+(SET|DROP|ADD)\b", _EXCLUSIVE, (_C,), "alter column"),
    (r"VALIDATE\s+CONSTRAINT", Lock.SHARE_UPDATE_EXCLUSIVE, (_C, Effect.SCANS), _VALIDATE),
    (
        rf"ADD\s+(CONSTRAINT\s+{_NAME}\s+)?FOREIGN\s+KEY\b.*\bNOT\s+VALID\s*$",
        Lock.SHARE_ROW_EXCLUSIVE,
        (_C,),
        _NOT_VALID,
    ),
    (r"ADD\s.*\bNOT\s+VALID\s*$", _EXCLUSIVE, (_C,), _NOT_VALID),
    (r"ADD\s+(CONSTRAINT\s+\S+\s+)?FOREIGN\s+KEY", Lock.SHARE_ROW_EXCLUSIVE, (_C, Effect.SCANS), "add foreign key"),
    (r"ADD\s.*\bUSING\s+INDEX\b", _EXCLUSIVE, (_C,), "add constraint using index"),
    (r"ADD\s+(CONSTRAINT\s+\S+\s+)?(PRIMARY|UNIQUE|CHECK|EXCLUDE)", _EXCLUSIVE, (_C, Effect.SCANS), "add constraint"),
    (r"ADD\s", _EXCLUSIVE, (_C,), "add column"),
    (r"DROP\s+CONSTRAINT", _EXCLUSIVE, (_D,), "drop constraint"),
    (r"DROP\s", _EXCLUSIVE, (_D, _X), "drop column"),
    (r"RENAME\s+(CONSTRAINT|COLUMN)\b", _EXCLUSIVE, (_C,), "rename"),
    (r"RENAME\s+TO\b", _EXCLUSIVE, (_C,), RENAME_TABLE),
    (r"RENAME\s", _EXCLUSIVE, (_C,), "rename"),
    (r"SET\s+TABLESPACE|SET\s+(UN)?LOGGED|SET\s+ACCESS", _EXCLUSIVE, (_C, Effect.REWRITES), "rewrite table"),
    (r"SET\s*\(|RESET\s*\(|CLUSTER|SET\s+WITHOUT", Lock.SHARE_UPDATE_EXCLUSIVE, (_C,), "set storage parameters"),
    (r"ATTACH\s+PARTITION", Lock.SHARE_UPDATE_EXCLUSIVE, (_C, Effect.SCANS), "attach partition"),
    (r"DETACH\s+PARTITION", _EXCLUSIVE, (_C,), "detach partition"),
    (r"(ENABLE|DISABLE|FORCE|NO|INHERIT|OWNER|SET|OF|NOT|REPLICA)\b", _EXCLUSIVE, (_C,), "alter table"),
)


@lru_cache(maxsize=1)
def _action_patterns() -> tuple[tuple[re.Pattern[str], Lock, tuple[Effect, ...], str], ...]:
    return tuple((re.compile(text, re.IGNORECASE | re.DOTALL), *rest) for text, *rest in _ACTIONS)  # type: ignore[misc]


_RENAME_TO = re.compile(rf"\s*RENAME\s+TO\s+(?P<name>{_NAME})", re.IGNORECASE)
_CONCURRENT_DETACH = re.compile(r"\bDETACH\s+PARTITION\b.*\bCONCURRENTLY\b", re.IGNORECASE | re.DOTALL)


# A default that is the same for all rows is only noted in the catalogue (ALTER TABLE, "Notes", since version 11). What is
# not listed is taken for volatile, as CREATE FUNCTION does.
_STEADY = frozenset(
    "now transaction_timestamp statement_timestamp current_timestamp current_date current_time localtime localtimestamp"
    " date_trunc date_part extract make_date make_interval make_time make_timestamp make_timestamptz to_date to_timestamp"
    " to_char to_number timezone lower upper initcap concat concat_ws coalesce nullif greatest least abs round floor ceil"
    " md5 encode decode length left right replace substring trim btrim lpad rpad repeat format array array_fill row"
    " jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb jsonb json current_setting"
    " cast numeric decimal varchar char character varying bit varbit timestamp timestamptz time timetz interval int4range"
    " int8range numrange tsrange tstzrange daterange point box circle and or not in".split()
)
_DEFAULT = re.compile(
    r"\bDEFAULT\b(?P<text>(?:'(?:[^']|'')*'|\"[^\"]*\"|.)*?)"
    r"(?:\b(?:NOT\s+NULL|NULL|CHECK|REFERENCES|UNIQUE|PRIMARY|CONSTRAINT|COLLATE)\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_COMPUTED = re.compile(
    rf"ADD\s+(COLUMN\s+)?(IF\s+NOT\s+EXISTS\s+)?{_NAME}\s+((BIG|SMALL)?SERIAL[248]?\b"
    r"|.*\bGENERATED\s+(ALWAYS|BY\s+DEFAULT)\s+AS\s+(IDENTITY\b|\(.*\)\s*STORED\b))",
    re.IGNORECASE | re.DOTALL,
)
_CALLED = re.compile(r"'(?:[^']|'')*'|([^\W\d]\w*|\"[^\"]+\")\s*\(")


def _fills_rows(clause: str) -> bool:
    """Whether a new column has another value in each row: numbered, computed, or a default that calls what may answer
    otherwise each time."""
    text = clause.upper()
    if ("SERIAL" in text or "GENERATED" in text) and _COMPUTED.match(clause):
        return True
    found = _DEFAULT.search(clause) if "DEFAULT" in text and "(" in clause else None
    called = (match.group(1) for match in _CALLED.finditer(found["text"])) if found else ()
    return any(name and name.lower() not in _STEADY for name in called)


def _alter_table(rest: str, base: Facts) -> Facts:
    lock, effects, actions, known = Lock.NONE, set[Effect](), [], True
    for clause in _clauses(rest):
        for pattern, strength, found, action in _action_patterns():
            if pattern.match(clause):
                lock = max(lock, strength)
                effects |= set(found)
                actions.append(action)
                if action == "add column" and _fills_rows(clause):
                    effects.add(Effect.REWRITES)
                break
        else:
            known = False
    if _CONCURRENT_DETACH.search(rest):
        action = "detach partition concurrently"
        return replace(base, lock=Lock.SHARE_UPDATE_EXCLUSIVE, transactional=False, action=action)
    action = ", ".join(dict.fromkeys(str(action) for action in actions)) or base.action
    targets = base.targets
    if action == RENAME_TABLE and (new := _RENAME_TO.match(rest)):
        targets = (*targets, targets[0]._replace(name=_path(new["name"], None)[1]))
    return replace(
        base, known=known, lock=lock or base.lock, effects=frozenset(effects), targets=targets, action=action
    )


def _clauses(text: str) -> list[str]:
    """The parts between top-level commas."""
    if "," not in text:
        return [text.strip()]
    found, depth, start, quote = [], 0, 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
    return [*found, text[start:].strip()]


# -- the rows -------------------------------------------------------------------------------------------------------

_NEW = Effect.CREATES
_INE, _IE = "<IF NOT EXISTS> ", "<IF EXISTS> "
_ROWS: dict[str, tuple[Row, ...]] = {
    "CREATE": (
        _row(f"CREATE <(?:GLOBAL|LOCAL)> <(?:TEMP|TEMPORARY|UNLOGGED)> TABLE {_INE}{{name}}", Lock.NONE, _NEW,
             action="create table", kind="table"),
        _row(f"CREATE <UNIQUE> INDEX CONCURRENTLY {_INE}(?:(?!ON\\b){{name}} )?ON <ONLY> {{table}}",
             Lock.SHARE_UPDATE_EXCLUSIVE, _NEW, Effect.SCANS, transactional=False, action="create index concurrently",
             kind="index"),
        _row(f"CREATE <UNIQUE> INDEX {_INE}(?:(?!ON\\b){{name}} )?ON <ONLY> {{table}}", _SHARE, _NEW, Effect.SCANS,
             action="create index", kind="index"),
        _row("CREATE TYPE {name} AS ENUM", Lock.NONE, _NEW, action="create type", kind="enum"),
        _row("CREATE TYPE {name}", Lock.NONE, _NEW, action="create type", kind="type"),
        _row("CREATE DOMAIN {name}", Lock.NONE, _NEW, action="create domain", kind="domain"),
        _row(f"CREATE <(?:TEMP|TEMPORARY|UNLOGGED)> SEQUENCE {_INE}{{name}}", Lock.NONE, _NEW, action="create sequence",
             kind="sequence"),
        _row(f"CREATE SCHEMA {_INE}(?!AUTHORIZATION\\b){{name}}", Lock.NONE, _NEW, action="create schema",
             kind="namespace"),
        _row(f"CREATE EXTENSION {_INE}{{name}}", Lock.NONE, _NEW, action="create extension", kind="extension"),
        _row(f"CREATE MATERIALIZED VIEW {_INE}{{name}}", Lock.NONE, _NEW, action="create materialized view",
             kind="materialized_view"),
        _row("CREATE <OR REPLACE> <(?:TEMP|TEMPORARY)> <RECURSIVE> VIEW {name}", Lock.NONE, _NEW, action="create view",
             kind="view"),
        _row("CREATE <OR REPLACE> (?:FUNCTION|PROCEDURE|AGGREGATE) {name}", Lock.NONE, _NEW, action="create function",
             kind="function"),
        _row("CREATE <OR REPLACE> <CONSTRAINT> TRIGGER {name} [^$]*?\\sON {table}", Lock.SHARE_ROW_EXCLUSIVE, _NEW,
             action="create trigger", kind="trigger"),
        _row("CREATE POLICY {name} ON {table}", _EXCLUSIVE, _NEW, action="create policy", kind="policy"),
        _row("CREATE <OR REPLACE> RULE {name}", _EXCLUSIVE, _NEW, action="create rule", kind="rule"),
        _row("CREATE (?:DATABASE|TABLESPACE) {name}", Lock.NONE, _NEW, transactional=False, action="create database"),
        _row("CREATE SUBSCRIPTION", Lock.NONE, _NEW, transactional=False, action="create subscription"),
        _row("CREATE (?:ROLE|USER|GROUP|CAST|COLLATION|OPERATOR|STATISTICS|PUBLICATION|SERVER|FOREIGN|TEXT|EVENT)",
             Lock.NONE, _NEW, action="create"),
    ),
    "DROP": (
        _row(f"DROP TABLE {_IE}{{name}}", _EXCLUSIVE, _D, _X, action="drop table", kind="table"),
        _row(f"DROP INDEX CONCURRENTLY {_IE}{{name}}", Lock.SHARE_UPDATE_EXCLUSIVE, _D, transactional=False,
             action="drop index concurrently", kind="index"),
        _row(f"DROP INDEX {_IE}{{name}}", _EXCLUSIVE, _D, action="drop index", kind="index"),
        _row(f"DROP TYPE {_IE}{{name}}", Lock.NONE, _D, action="drop type", kind="enum"),
        _row(f"DROP DOMAIN {_IE}{{name}}", Lock.NONE, _D, action="drop domain", kind="domain"),
        _row(f"DROP SEQUENCE {_IE}{{name}}", _EXCLUSIVE, _D, action="drop sequence", kind="sequence"),
        _row(f"DROP SCHEMA {_IE}{{name}}", _EXCLUSIVE, _D, _X, action="drop schema", kind="namespace"),
        _row(f"DROP EXTENSION {_IE}{{name}}", _EXCLUSIVE, _D, action="drop extension", kind="extension"),
        _row(f"DROP MATERIALIZED VIEW {_IE}{{name}}", _EXCLUSIVE, _D, action="drop materialized view",
             kind="materialized_view"),
        _row(f"DROP VIEW {_IE}{{name}}", _EXCLUSIVE, _D, action="drop view", kind="view"),
        _row(f"DROP (?:FUNCTION|PROCEDURE|ROUTINE|AGGREGATE) {_IE}{{name}}", Lock.NONE, _D, action="drop function",
             kind="function"),
        _row(f"DROP TRIGGER {_IE}{{name}} ON {{table}}", _EXCLUSIVE, _D, action="drop trigger", kind="trigger"),
        _row(f"DROP POLICY {_IE}{{name}} ON {{table}}", _EXCLUSIVE, _D, action="drop policy", kind="policy"),
        _row(f"DROP RULE {_IE}{{name}}", _EXCLUSIVE, _D, action="drop rule", kind="rule"),
        _row(f"DROP DATABASE {_IE}{{name}}", _EXCLUSIVE, _D, _X, transactional=False, action="drop database"),
        _row(f"DROP TABLESPACE {_IE}{{name}}", Lock.NONE, _D, transactional=False, action="drop tablespace"),
        _row(f"DROP SUBSCRIPTION {_IE}{{name}}", Lock.NONE, _D, transactional=False, action="drop subscription"),
        _row("DROP OWNED", _EXCLUSIVE, _D, _X, action="drop owned"),
        _row("DROP", Lock.NONE, _D, action="drop"),
    ),
    "ALTER": (
        _row(f"ALTER TABLE {_IE}<ONLY> {{name}}", _EXCLUSIVE, _C, action="alter table", kind="table",
             refine=_alter_table),
        _row("ALTER TYPE {name} ADD VALUE", Lock.NONE, _C, action="add enum value", kind="enum"),
        _row("ALTER TYPE {name}", Lock.NONE, _C, action="alter type", kind="enum"),
        _row(f"ALTER INDEX {_IE}{{name}} (?:RENAME|SET|RESET)", Lock.SHARE_UPDATE_EXCLUSIVE, _C, action="alter index",
             kind="index"),
        _row("ALTER DOMAIN {name}", Lock.NONE, _C, Effect.SCANS, action="alter domain", kind="domain"),
        _row(f"ALTER SEQUENCE {_IE}{{name}}", Lock.SHARE_ROW_EXCLUSIVE, _C, action="alter sequence", kind="sequence"),
        _row("ALTER SCHEMA {name}", Lock.NONE, _C, action="alter schema", kind="namespace"),
        _row(f"ALTER MATERIALIZED VIEW {_IE}{{name}}", _EXCLUSIVE, _C, action="alter materialized view",
             kind="materialized_view"),
        _row(f"ALTER VIEW {_IE}{{name}}", _EXCLUSIVE, _C, action="alter view", kind="view"),
        _row("ALTER SYSTEM", Lock.NONE, _C, transactional=False, action="alter system"),
        _row("ALTER DATABASE {name} SET TABLESPACE", Lock.NONE, _C, transactional=False, action="alter database"),
        _row("ALTER", Lock.NONE, _C, action="alter"),
    ),
    "TRUNCATE": (_row("TRUNCATE <TABLE> <ONLY> {name}", _EXCLUSIVE, _X, action="truncate", kind="table"),),
    "DELETE": (
        _row("DELETE FROM <ONLY> {name}", Lock.ROW_EXCLUSIVE, _X, Effect.WRITES_ROWS, action="delete", kind="table"),
    ),
    "INSERT": (_row("INSERT INTO {name}", Lock.ROW_EXCLUSIVE, Effect.WRITES_ROWS, action="insert", kind="table"),),
    "UPDATE": (_row("UPDATE <ONLY> {name}", Lock.ROW_EXCLUSIVE, Effect.WRITES_ROWS, action="update", kind="table"),),
    "MERGE": (_row("MERGE INTO <ONLY> {name}", Lock.ROW_EXCLUSIVE, Effect.WRITES_ROWS, action="merge", kind="table"),),
    "COPY": (
        _row("COPY {name}[^;]*\\sFROM\\b", Lock.ROW_EXCLUSIVE, Effect.WRITES_ROWS, action="copy", kind="table"),
        _row("COPY", Lock.ACCESS_SHARE, action="copy out"),
    ),
    "COMMENT": (_row("COMMENT ON", Lock.SHARE_UPDATE_EXCLUSIVE, _C, action="comment"),),
    "GRANT": (_row("GRANT", Lock.NONE, _C, action="grant"),),
    "REVOKE": (_row("REVOKE", Lock.NONE, _C, action="revoke"),),
    "SET": (_row("SET TRANSACTION", Lock.NONE, action="set transaction"), _row("SET", Lock.NONE, action="set")),
    "RESET": (_row("RESET", Lock.NONE, action="reset"),),
    "ANALYZE": (_row("ANALYZE", Lock.SHARE_UPDATE_EXCLUSIVE, Effect.SCANS, action="analyze"),),
    "VACUUM": (
        _row("VACUUM (?:FULL|\\([^)]*\\bFULL\\b(?!\\s+(?:FALSE|OFF)))", _EXCLUSIVE, Effect.REWRITES,
             transactional=False, action="vacuum full"),
        _row("VACUUM", Lock.SHARE_UPDATE_EXCLUSIVE, Effect.SCANS, transactional=False, action="vacuum"),
    ),
    "REINDEX": (
        _row("REINDEX (?:\\([^)]*CONCURRENTLY[^)]*\\) )?(?:INDEX|TABLE|SCHEMA|DATABASE|SYSTEM) CONCURRENTLY",
             Lock.SHARE_UPDATE_EXCLUSIVE, Effect.SCANS, transactional=False, action="reindex concurrently"),
        _row("REINDEX \\([^)]*CONCURRENTLY", Lock.SHARE_UPDATE_EXCLUSIVE, Effect.SCANS, transactional=False,
             action="reindex concurrently"),
        _row("REINDEX (?:\\([^)]*\\) )?(?:SCHEMA|DATABASE|SYSTEM)", _EXCLUSIVE, Effect.SCANS, transactional=False,
             action="reindex"),
        _row("REINDEX", _EXCLUSIVE, Effect.SCANS, action="reindex"),
    ),
    "CLUSTER": (
        _row("CLUSTER(?=\\s*$)", _EXCLUSIVE, Effect.REWRITES, transactional=False, action="cluster"),
        _row("CLUSTER", _EXCLUSIVE, Effect.REWRITES, action="cluster"),
    ),
    "REFRESH": (
        _row("REFRESH MATERIALIZED VIEW CONCURRENTLY {name}", Lock.EXCLUSIVE, Effect.SCANS,
             action="refresh materialized view concurrently", kind="materialized_view"),
        _row("REFRESH MATERIALIZED VIEW {name}", _EXCLUSIVE, Effect.SCANS, action="refresh materialized view",
             kind="materialized_view"),
    ),
    "LOCK": (_row("LOCK <TABLE> {name}", _EXCLUSIVE, action="lock table", kind="table"),),
    "SELECT": (_row("SELECT", Lock.ACCESS_SHARE, action="select"),),
    "WITH": (
        _row("WITH[^;]*\\bDELETE\\s+FROM", Lock.ROW_EXCLUSIVE, _X, Effect.WRITES_ROWS, action="delete"),
        _row("WITH[^;]*\\b(?:INSERT\\s+INTO|UPDATE|MERGE)\\b", Lock.ROW_EXCLUSIVE, Effect.WRITES_ROWS,
             action="write"),
        _row("WITH", Lock.ACCESS_SHARE, action="select"),
    ),
    "SECURITY": (_row("SECURITY LABEL", Lock.NONE, _C, action="security label"),),
    "REASSIGN": (_row("REASSIGN OWNED", Lock.NONE, _C, action="reassign owned"),),
    "IMPORT": (_row("IMPORT FOREIGN SCHEMA", Lock.NONE, _NEW, action="import foreign schema"),),
    "NOTIFY": (_row("NOTIFY", Lock.NONE, action="notify"),),
}  # fmt: skip
_CONTROL = frozenset("BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE PREPARE".split())
_FIRST = re.compile(r"\s*([^\W\d]\w*)")
_ADD_VALUE = re.compile(
    r"ALTER\s+TYPE\s+.*?\bADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?('(?:[^']|'')*')", re.IGNORECASE | re.DOTALL
)


def facts(sql: str, server: Server) -> Facts:
    """The facts of one statement; ``known`` is false where no row matches (DO, CALL, what is new)."""
    return replace(_facts(sql, server), reach=reach(statement(sql, server.default_schema), sql))


def _facts(sql: str, server: Server) -> Facts:
    text = sql if sql[:1].isalpha() else sql[_LEADING.match(sql).end() :]  # type: ignore[union-attr]
    first = _FIRST.match(text)
    word = first.group(1).upper() if first else ""
    if word in _CONTROL and not re.match(r"PREPARE\s+(?!TRANSACTION)", text, re.IGNORECASE):
        return Facts(lock=Lock.NONE, transactional=False, action="transaction control")
    for row in _ROWS.get(word, ()):
        found = _pattern(row.words).match(text)
        if found is None:
            continue
        result = _with_target(row, found, server)
        if row.refine is not None:
            result = row.refine(text[found.end() :], result)
        if result.action == "add enum value" and server.version and server.version < (12,):
            result = replace(result, transactional=False)
        return result
    return Facts(known=False, lock=Lock.UNKNOWN, action=word.lower())


def _with_target(row: Row, found: re.Match[str], server: Server) -> Facts:
    if row.kind is None:
        return row.facts
    groups = found.groupdict()
    table = _path(groups["table"], server.default_schema) if groups.get("table") else None
    targets = []
    if groups.get("name"):
        schema, name = _path(groups["name"], server.default_schema)
        if row.kind in ("namespace", "extension"):
            schema = None
        targets.append(Ref(row.kind, name, table[0] if table else schema, table[1] if table else None))
        if row.listed:
            targets += [Ref(row.kind, *_path(more, server.default_schema)[::-1]) for more in _more(found)]
    if table is not None:
        targets.append(Ref("table", table[1], table[0]))
    return replace(row.facts, targets=tuple(targets))


def _more(found: re.Match[str]) -> list[str]:
    """The further names of a list: ``DROP TABLE a, b``."""
    tail = _LIST.match(found.string, found.end())
    return re.findall(_PATH, tail.group()) if tail else []


@lru_cache(maxsize=65536)
def _path(text: str, default: str | None) -> tuple[str | None, str]:
    parts = [
        part[1:-1].replace('""', '"') if part.startswith('"') else part.lower() for part in re.findall(_NAME, text)
    ]
    schema = parts[-2] if len(parts) > 1 else None
    return (None if schema == default else schema), parts[-1]


def judged(statements: Sequence[str], server: Server) -> tuple[Facts, ...]:
    """The facts of the statements of one file. Two kinds leave its transaction because of what stands around them:

    - an enum value that a later statement uses has to be committed before ("unsafe use of new value", ALTER TYPE);
    - VALIDATE CONSTRAINT lets others write while it reads all rows, unless the transaction still holds the lock of the
      ADD ... NOT VALID before it.
    """
    found = [facts(sql, server) for sql in statements]
    created: set[Ref] = set()
    added: set[Ref] = set()
    for at, one in enumerate(found):
        if one.action == "add enum value":
            value = _ADD_VALUE.match(statements[at].lstrip())
            if value and any(value.group(1) in later for later in statements[at + 1 :]):
                found[at] = replace(one, transactional=False)
        elif one.action == "create table":
            created.update(one.targets)
        elif one.action == _VALIDATE and not added.isdisjoint(one.targets):
            found[at] = replace(one, transactional=False)
        elif _NOT_VALID in one.action:
            added.update(table for table in one.targets if table not in created)
    return tuple(found)
