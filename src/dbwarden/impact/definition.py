"""Statements of data definition, and the copying INSERT, as changes of a ``Ledger``; what is not listed changes nothing.

Read from tokens by the rules of the dialect's ``Lexis``: a migration is what the engine accepts, and the few clauses that
matter here read alike in all of them. Statements that a general SQL parser gives up on (``ALTER TYPE ... RENAME VALUE``,
``DROP COLUMN`` without ``COLUMN``) are rows as any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from dbwarden.core.sqltext import Token, TokenKind

from .cursor import Cursor, string, unquoted
from .ledger import Column, Key, Ledger, Table, strings, value_list

_CONSTRAINTS = frozenset(
    "CONSTRAINT PRIMARY UNIQUE CHECK FOREIGN EXCLUDE LIKE KEY INDEX FULLTEXT SPATIAL PERIOD".split()
)
_FIRST = ("CREATE", "ALTER", "DROP", "RENAME", "INSERT")
_BEHIND_TYPE = (
    "CONSTRAINT", "NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "GENERATED", "COLLATE", "AS",
    "AUTOINCREMENT", "AUTO_INCREMENT", "COMMENT", "ON", "FIRST", "AFTER", "USING", "CHARACTER", "CODEC", "STORAGE",
)  # fmt: skip


def apply(ledger: Ledger, sql: str) -> None:
    """Follow one statement; what neither defines nor copies changes nothing. Raises ``SqlTextError``."""
    first = sql[:6].upper()
    if not first.startswith(_FIRST) or (first == "INSERT" and "select" not in sql.lower()):
        return
    tokens = Cursor.over(sql, ledger.lexis)
    for phrase, follow in _ROWS.items():
        if tokens.take(phrase):
            follow(ledger, tokens)
            return


# -- CREATE --------------------------------------------------------------------------------------------------------


def _create(ledger: Ledger, tokens: Cursor) -> None:
    tokens.skip("OR REPLACE", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "VIRTUAL")
    if tokens.take("TABLE"):
        _create_table(ledger, tokens)
    elif tokens.take("TYPE"):
        key = ledger.key(tokens.path())
        if tokens.take("AS ENUM"):
            ledger.enums[key] = dict.fromkeys(strings(tokens.group()))
    elif tokens.take("VIEW") or tokens.take("MATERIALIZED VIEW"):
        tokens.skip("IF NOT EXISTS")
        ledger.names[tokens.name()] = ("view", None)
    else:
        tokens.skip("UNIQUE")
        if tokens.take("INDEX"):
            _create_index(ledger, tokens)


def _create_index(ledger: Ledger, tokens: Cursor) -> None:
    tokens.skip("CONCURRENTLY", "IF NOT EXISTS")
    name = "" if tokens.word == "ON" else tokens.name()
    if tokens.take("ON"):
        tokens.skip("ONLY")
        ledger.names[name] = ("index", ledger.key(tokens.path()))


def _create_table(ledger: Ledger, tokens: Cursor) -> None:
    tokens.skip("IF NOT EXISTS")
    key = ledger.key(tokens.path())
    ledger.tables[key] = Table(complete=tokens.word == "(")
    for item in tokens.group().items():
        if item.word in _CONSTRAINTS:
            _constraint(ledger, key, item)
        else:
            _define(ledger, key, item)
    if tokens.seek("AS") and tokens.take("SELECT"):
        _copy(ledger, key, None, tokens)


def _define(ledger: Ledger, key: Key, item: Cursor, origin: str | None = None) -> None:
    """A column definition."""
    name = item.name()
    type = _type(item.until(*_BEHIND_TYPE))
    words = [token.text.upper() for token in item.tokens[item.at :]]
    pairs = list(pairwise(words))
    required = ("NOT", "NULL") in pairs or ("PRIMARY", "KEY") in pairs
    ledger.put(key, Column(name, type, not required, origin))
    while item.seek("CHECK"):
        _check(ledger, key, f"{key[1]}_{name}_check", item)
    if type.startswith("ENUM("):
        values = tuple(strings(item))
        ledger.tables[key] = ledger.tables[key].with_list(f"{name} enum", name, values)


def _type(tokens: tuple[Token, ...]) -> str:
    text = ""
    for token in tokens:
        glued = token.text in "(),.[]" or text.endswith(("(", ",", ".", "["))
        text += ("" if glued or not text else " ") + (
            token.text.upper() if token.kind is TokenKind.WORD else token.text.strip('"')
        )
    return text


def _constraint(ledger: Ledger, key: Key, item: Cursor) -> None:
    """A constraint of the table, without ADD."""
    name = item.name() if item.take("CONSTRAINT") else ""
    if item.take("CHECK"):
        _check(ledger, key, name, item)
    if name:
        ledger.names[name] = ("constraint", key)
    if item.take("PRIMARY KEY"):
        for part in item.group().items():
            column = part.name()
            if column in ledger.tables[key].columns:
                ledger.put(key, replace(ledger.tables[key].columns[column], nullable=False))


def _check(ledger: Ledger, key: Key, name: str, item: Cursor) -> None:
    found = value_list(item.group())
    if found is not None:
        ledger.tables[key] = ledger.tables[key].with_list(name or f"{key[1]}_{found[0]}_check", *found)


# -- ALTER ---------------------------------------------------------------------------------------------------------


def _alter_table(ledger: Ledger, tokens: Cursor) -> None:
    tokens.skip("IF EXISTS", "ONLY")
    key = ledger.key(tokens.path())
    tokens.skip("*")
    if tokens.take("RENAME TO") or (tokens.word == "RENAME" and tokens.take("RENAME AS")):
        _rename_table(ledger, key, ledger.key(tokens.path()))
        return
    if tokens.take("SET SCHEMA"):
        _rename_table(ledger, key, ledger.key((tokens.name(), key[1])))
        return
    for action in tokens.items():
        _alter_action(ledger, key, action)


def _rename_table(ledger: Ledger, old: Key, new: Key) -> None:
    new = new if new[0] is not None else (old[0], new[1])
    table = ledger.table(old)
    ledger.tables = {new if key == old else key: item for key, item in ledger.tables.items() if key != new}
    ledger.tables[new] = table


def _alter_action(ledger: Ledger, key: Key, action: Cursor) -> None:
    if action.take("DROP"):
        _drop_part(ledger, key, action)
    elif action.take("RENAME"):
        _rename_part(ledger, key, action)
    elif action.take("ADD"):
        action.skip("COLUMN")
        if action.word in _CONSTRAINTS:
            ledger.table(key)
            _constraint(ledger, key, action)
        else:
            action.skip("IF NOT EXISTS")
            ledger.table(key)
            _define(ledger, key, action)
    elif action.take("ALTER"):
        action.skip("COLUMN")
        _alter_column(ledger, key, action)
    elif action.take("MODIFY"):
        action.skip("COLUMN", "IF EXISTS")
        at = action.at
        column = ledger.column(key, action.name())
        action.at = at
        _define(ledger, key, action, column.origin)
    elif action.take("CHANGE"):
        action.skip("COLUMN", "IF EXISTS")
        column = ledger.column(key, action.name())
        ledger.tables[key] = ledger.tables[key].without_column(column.name)
        _define(ledger, key, action, column.origin)


def _drop_part(ledger: Ledger, key: Key, action: Cursor) -> None:
    if action.take("CONSTRAINT") or action.take("CHECK") or action.take("INDEX") or action.take("FOREIGN KEY"):
        action.skip("IF EXISTS")
        name = action.name()
        ledger.named(name, "constraint", key)
        ledger.names.pop(name, None)
        ledger.tables[key] = ledger.table(key).without_list(name)
    elif not action.take("PRIMARY KEY"):
        action.skip("COLUMN", "IF EXISTS")
        name = action.name()
        if name:
            ledger.column(key, name)
            ledger.tables[key] = ledger.tables[key].without_column(name)


def _rename_part(ledger: Ledger, key: Key, action: Cursor) -> None:
    if action.take("CONSTRAINT") or action.take("INDEX"):
        old = action.name()
        action.take("TO")
        _rename_name(ledger, old, action.name(), "constraint", key)
        return
    action.skip("COLUMN")
    column = ledger.column(key, action.name())
    action.take("TO")
    new = action.name()
    table = ledger.tables[key]
    ledger.tables[key] = replace(
        table,
        columns={
            (new if name == column.name else name): (replace(one, name=new) if name == column.name else one)
            for name, one in table.columns.items()
        },
        lists={name: (new if of == column.name else of, values) for name, (of, values) in table.lists.items()},
    )


def _rename_name(ledger: Ledger, old: str, new: str, kind: str, table: Key | None = None) -> None:
    ledger.named(old, kind, table)
    ledger.names[new] = ledger.names.pop(old, (kind, table))


def _alter_column(ledger: Ledger, key: Key, action: Cursor) -> None:
    column = ledger.column(key, action.name())
    if action.take("SET NOT NULL"):
        ledger.put(key, replace(column, nullable=False))
    elif action.take("DROP NOT NULL"):
        ledger.put(key, replace(column, nullable=True))
    elif action.take("TYPE") or action.take("SET DATA TYPE"):
        ledger.put(key, replace(column, type=_type(action.until("USING", "COLLATE"))))


def _alter_type(ledger: Ledger, tokens: Cursor) -> None:
    key = ledger.key(tokens.path())
    values = ledger.enums.get(key)
    if tokens.take("ADD VALUE"):
        tokens.skip("IF NOT EXISTS")
        if values is not None:
            values.update(dict.fromkeys(filter(None, [_string(tokens)])))
    elif tokens.take("RENAME VALUE"):
        old = _string(tokens)
        tokens.take("TO")
        new = _string(tokens)
        if old and new:
            _enum(ledger, key, old)
            ledger.enums[key] = {new if value == old else value: was for value, was in ledger.enums[key].items()}
    elif tokens.take("RENAME TO"):
        new_key = (key[0], tokens.name())
        known = _enum(ledger, key)
        ledger.enums.pop(key, None)
        ledger.enums[new_key] = known


def _string(tokens: Cursor) -> str:
    token = tokens.next()
    return (string(token) if token else None) or ""


def _enum(ledger: Ledger, key: Key, value: str | None = None) -> dict[str, str | None]:
    """The values of an enumeration; what no statement made was there before."""
    values = ledger.enums.setdefault(key, {})
    before = ledger.assumed.enums.setdefault(key, {}) if ledger.assumed is not None else {}
    if value is not None and value not in values:
        values[value] = before[value] = value
    return values


def _alter_index(ledger: Ledger, tokens: Cursor) -> None:
    tokens.skip("IF EXISTS")
    old = tokens.name()
    if tokens.take("RENAME TO"):
        _rename_name(ledger, old, tokens.name(), "index")


def _rename_tables(ledger: Ledger, tokens: Cursor) -> None:
    for item in tokens.items():
        old = ledger.key(item.path())
        if item.take("TO"):
            _rename_table(ledger, old, ledger.key(item.path()))


# -- DROP and INSERT -----------------------------------------------------------------------------------------------


def _drop_table(ledger: Ledger, tokens: Cursor) -> None:
    tokens.skip("IF EXISTS")
    for item in tokens.items():
        key = ledger.key(item.path())
        ledger.table(key)
        del ledger.tables[key]
        ledger.names = {name: of for name, of in ledger.names.items() if of[1] != key}


def _dropped(kind: str) -> Callable[[Ledger, Cursor], None]:
    def drop(ledger: Ledger, tokens: Cursor) -> None:
        tokens.skip("CONCURRENTLY", "IF EXISTS")
        for item in tokens.items():
            name = item.name()
            ledger.named(name, kind)
            ledger.names.pop(name, None)

    return drop


def _drop_type(ledger: Ledger, tokens: Cursor) -> None:
    tokens.skip("IF EXISTS")
    for item in tokens.items():
        key = ledger.key(item.path())
        _enum(ledger, key)
        del ledger.enums[key]


def _insert(ledger: Ledger, tokens: Cursor) -> None:
    """``INSERT INTO new (a, b) SELECT x, y FROM old``: where the rows of a new table come from."""
    tokens.skip("OR REPLACE", "OR IGNORE")
    if not tokens.take("INTO"):
        return
    key = ledger.key(tokens.path())
    columns = [item.name() for item in tokens.group().items()] if tokens.word == "(" else None
    if key in ledger.tables and ledger.tables[key].origin is None and tokens.take("SELECT"):
        _copy(ledger, key, columns, tokens)


def _copy(ledger: Ledger, key: Key, columns: list[str] | None, tokens: Cursor) -> None:
    sources = list(Cursor(tokens.until("FROM")).items())
    if not tokens.take("FROM"):
        return
    source = ledger.key(tokens.path())
    known = ledger.table(source)
    table = replace(ledger.tables[key], filled_from=known.origin or source)
    ledger.tables[key] = table
    for at, item in enumerate(sources):
        name = _copied(item)
        if not name or name in ("rowid", "_rowid_", "oid"):
            continue
        target = columns[at] if columns and at < len(columns) else _alias(item, name)
        origin = ledger.column(source, name).origin
        if target in table.columns or columns is None:
            fresh = table.columns.get(target, Column(target))
            ledger.put(key, replace(fresh, origin=origin))


def _copied(item: Cursor) -> str:
    """The column that an expression passes on: itself, or the first argument of ``coalesce`` and ``CAST``."""
    first = Cursor(item.tokens)
    if first.take("COALESCE") or first.take("CAST"):
        first = first.group()
    if not first or first.tokens[0].kind not in (TokenKind.WORD, TokenKind.IDENTIFIER):
        return ""
    name = first.name()
    return "" if first.word == "(" or name in ("null", "case", "true", "false") else name


def _alias(item: Cursor, name: str) -> str:
    return unquoted(item.tokens[-1]) if item.seek("AS") and item else name


_ROWS: dict[str, Callable[[Ledger, Cursor], None]] = {
    "CREATE": _create,
    "ALTER TABLE": _alter_table,
    "ALTER TYPE": _alter_type,
    "ALTER INDEX": _alter_index,
    "RENAME TABLE": _rename_tables,
    "DROP TABLE": _drop_table,
    "DROP INDEX": _dropped("index"),
    "DROP VIEW": _dropped("view"),
    "DROP MATERIALIZED VIEW": _dropped("view"),
    "DROP TYPE": _drop_type,
    "INSERT": _insert,
}
