"""Grammar rows for the statements of MySQL and MariaDB.

Sources: the manual of MySQL 9, chapter 15, and the SQL statements of MariaDB's documentation. A statement that only one of the
two has is parsed for both: the server refuses what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from dbwarden.core.ddl import clauses, rows
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import STATEMENTS, Grammar, Row, control, parse, read, statement_head, utility
from dbwarden.core.ddl.statements import (
    ControlTransaction,
    Copy,
    CreateIndex,
    Delete,
    Do,
    DropObject,
    DropTable,
    Explain,
    Maintain,
    Prepare,
    Select,
    Set,
    Statement,
    Truncate,
    Unknown,
    Update,
    Utility,
    With,
)
from dbwarden.core.text_cache import TextCache
from dbwarden.core.tokens import NAMES, to_text
from dbwarden.core.types import Ref

from . import privileges
from .alter_clauses import CLAUSES, VOCABULARY, how
from .words import LEXICAL_RULES


def statement(sql: str, default_schema: str | None = None) -> Statement:
    """Parse one statement; names qualified with ``default_schema``, the current database, count as unqualified."""
    return _read(statement_head(sql, LEXICAL_RULES), default_schema)


@TextCache
def _read(sql: str, default_schema: str | None) -> Statement:
    return parse(sql, grammar(default_schema))


@lru_cache(maxsize=8)
def grammar(default_schema: str | None = None) -> Grammar:
    """The grammar of both flavours."""
    return Grammar(LEXICAL_RULES, default_schema, ROWS, CLAUSES, vocabulary=VOCABULARY, attributes=clauses.skip_definer)


def joined(statements: Sequence[Statement]) -> Statement:
    """One statement for the parts of one that has several targets."""
    return statements[0] if len(statements) == 1 else With(tuple(statements))


# -- DDL ------------------------------------------------------------------------------------------------------------


def _create(at: Cursor, grammar: Grammar) -> Statement:
    statement = STATEMENTS["CREATE"](at, grammar)
    if not isinstance(statement, CreateIndex):
        return statement
    tokens = at.all()
    words = [token.text.upper() for token in tokens]
    method = next((word for word in words[:3] if word in ("FULLTEXT", "SPATIAL")), "")
    keys = ("ON", to_text(tokens[words.index("ON") + 1 :]).upper()) if statement.unique else ()
    return replace(statement, method=method, how=(*how(tokens), *((keys,) if keys else ())))


def _drop(at: Cursor, grammar: Grammar) -> Statement:
    if at.skip("PREPARE"):
        return Utility(("DEALLOCATE",))
    temporary = at.skip("TEMPORARY")
    statement = STATEMENTS["DROP"](at, grammar)
    if isinstance(statement, DropTable) and temporary:
        return replace(statement, temporary=True)
    if isinstance(statement, DropObject) and statement.kind == "index":
        return replace(statement, how=how(at.all()))
    return statement


def _alter(at: Cursor, grammar: Grammar) -> Statement:
    at.skip_any("ONLINE", "IGNORE")
    clauses.skip_definer(at)
    return STATEMENTS["ALTER"](at, grammar)


def _rename(at: Cursor, grammar: Grammar) -> Statement:
    return utility(at, grammar) if at.word() == "USER" else clauses.rename_tables(at, grammar)


# -- rows -----------------------------------------------------------------------------------------------------------

_JOINS = frozenset("JOIN INNER CROSS STRAIGHT_JOIN LEFT RIGHT NATURAL OUTER".split())
_AFTER_TABLE = _JOINS | {"ON", "USING", "PARTITION", "USE", "FORCE", "IGNORE", "FOR", "WHERE", "SET", "ORDER", "LIMIT"}


def _tables(at: Cursor) -> dict[str, Ref]:
    """The tables of a join by alias, in lower case, in order."""
    tables: dict[str, Ref] = {}
    expected = True
    while not at.at_end:
        token = at.token()
        if expected and token is not None and token.kind in NAMES:
            table = at.ref("table")
            if at.skip("PARTITION"):
                at.group()
            at.skip("AS")
            alias = at.token()
            named = alias is not None and alias.kind in NAMES and at.word() not in _AFTER_TABLE
            tables[(at.name() if named else table.name).casefold()] = table
            expected = False
        elif at.word() == "(":
            group = at.inner(at.group())
            if expected and group.word() not in ("SELECT", "WITH", "VALUES", "TABLE"):
                tables.update(_tables(group))
            expected = False
        else:
            expected = at.word() in ("JOIN", "STRAIGHT_JOIN", ",") or (expected and at.word() == "LATERAL")
            at.at += 1
    return tables


def _update(at: Cursor, grammar: Grammar) -> Statement:
    """UPDATE, also of several tables: one ``Update`` for each table of which columns are set."""
    at.skip_any("LOW_PRIORITY", "IGNORE")
    tables = _tables(at.inner(at.until("SET")))
    at.skip("SET")
    first = next(iter(tables.values()), Ref("table", ""))
    columns: dict[Ref, list[str]] = {}
    for item in at.items(at.until("WHERE", "ORDER", "LIMIT", "RETURNING")):
        column = item.ref("column")
        path = column.schema.casefold() if column.schema else ""
        columns.setdefault(tables.get(path, first), []).append(column.name)
    where = _restricted(at)
    return joined([Update(table, where, tuple(names)) for table, names in columns.items()] or [Update(first, where)])


def _delete(at: Cursor, grammar: Grammar) -> Statement:
    """DELETE, also from several tables: ``DELETE a, b FROM a JOIN b ...``, ``DELETE FROM a, b USING a JOIN b ...``."""
    at.skip_any("LOW_PRIORITY", "QUICK", "IGNORE", "HISTORY")
    leading = at.until("FROM")
    at.skip("FROM")
    named = list(_listed(at.inner(leading)))
    if not named and at.mentions("USING"):
        start = at.at
        named = list(_listed(at.inner(at.until("USING"))))
        if not at.skip("USING"):
            at.at, named = start, []
    tables = _tables(at.inner(at.until("WHERE", "ORDER", "LIMIT", "RETURNING")))
    targets = [tables.get(ref.name.casefold(), ref) for ref in named] or list(tables.values())[:1]
    where = _restricted(at)
    return joined([Delete(table, where) for table in targets] or [Delete(Ref("table", ""), where)])


def _listed(at: Cursor) -> Iterator[Ref]:
    """The targets of a multi-table DELETE, with or without ``.*``."""
    for item in at.items(at.rest()):
        tokens = item.rest()
        yield item.inner(tokens[:-2] if tokens[-1].text == "*" else tokens).ref("table")


def _restricted(at: Cursor) -> bool:
    """Whether WHERE or LIMIT leaves out rows."""
    if at.skip("WHERE") and rows.restricts(at.until("ORDER", "LIMIT", "RETURNING")):
        return True
    return at.find("LIMIT")


def _truncate(at: Cursor, grammar: Grammar) -> Statement:
    at.skip("TABLE")
    return Truncate((at.ref("table"),))


def _select(at: Cursor, grammar: Grammar) -> Statement:
    """SELECT, which INTO OUTFILE and INTO DUMPFILE write to a file of the server."""
    if at.mentions("INTO"):
        while at.find("INTO"):
            if at.word() in ("OUTFILE", "DUMPFILE"):
                return Copy(None, False, "FILE")
    return Select()


def _load(at: Cursor, grammar: Grammar) -> Statement:
    """LOAD DATA and LOAD XML; ``place`` is LOCAL for a file of the client."""
    if at.word() not in ("DATA", "XML"):
        return utility(at, grammar)
    at.take()
    words = at.skip_any("LOW_PRIORITY", "CONCURRENT", "LOCAL")
    at.find("INTO")
    at.skip("TABLE")
    return Copy(at.ref("table"), True, "LOCAL" if "LOCAL" in words else "FILE")


def _nothing(at: Cursor, grammar: Grammar) -> Statement:
    """A statement that only reads: SHOW, DO, TABLE."""
    return Select()


# -- sessions, maintenance ------------------------------------------------------------------------------------------

_SCOPES = ("GLOBAL", "PERSIST", "PERSIST_ONLY")


def _set(at: Cursor, grammar: Grammar) -> Statement:
    """SET with one or several assignments; the name of a variable beyond the session begins with its scope, ``global.``."""
    if at.word() in ("PASSWORD", "RESOURCE") or at.words(2) == ("DEFAULT", "ROLE"):
        return utility(at, grammar)
    if at.skip("STATEMENT"):  # MariaDB: SET STATEMENT a = 1 FOR SELECT ...
        return read(at, grammar) if at.find("FOR") else Unknown(("SET", "STATEMENT"))
    scope = at.word() if at.word() in (*_SCOPES, "SESSION", "LOCAL") else ""
    behind = 1 if scope else 0
    if at.word(behind) == "TRANSACTION":
        return Set(
            f"{scope.lower()}.transaction" if scope in _SCOPES else "transaction", to_text(at.rest()[behind + 1 :])
        )
    if at.word() == "ROLE":
        return Set("role", to_text(at.rest()[1:]))
    return joined([_assignment(item) for item in at.items(at.rest())])


def _assignment(item: Cursor) -> Statement:
    if item.skip("NAMES"):
        return Set("names", to_text(item.rest()))
    if item.skip("CHARACTER", "SET") or item.skip("CHARSET"):
        return Set("character_set", to_text(item.rest()))
    name = _variable(item)
    if not item.skip("="):
        item.skip(":=")
    value = to_text(item.rest())
    if name.lower() in ("autocommit", "completion_type"):
        return ControlTransaction()
    return Set(name, value)


def _variable(item: Cursor) -> str:
    """Name of a variable: ``@user``, ``sql_mode``, ``global.sql_mode``."""
    scope = ""
    system = item.skip("@@")
    if not system and item.skip("@"):
        return f"@{item.name()}"
    if item.word() in (*_SCOPES, "SESSION", "LOCAL") and item.word(1) not in ("=", ":="):
        scope = item.word()
        item.take()
        item.skip(".")
    name = item.name()
    while item.skip("."):  # a variable of a component
        name += f".{item.name()}"
    return f"{scope.lower()}.{name}" if scope in _SCOPES else name


def _use(at: Cursor, grammar: Grammar) -> Statement:
    return Set("database", at.name())


def _maintain(at: Cursor, grammar: Grammar) -> Statement:
    """ANALYZE, CHECK, CHECKSUM, OPTIMIZE and REPAIR TABLE; ANALYZE of a statement runs it (MariaDB)."""
    verb = at.word(-1)
    options = frozenset(at.skip_any("NO_WRITE_TO_BINLOG", "LOCAL"))
    if at.skip("TABLE") or at.skip("TABLES"):
        targets = [at.ref("table")]
        while at.skip(","):
            targets.append(at.ref("table"))
        return joined([Maintain(verb, options, target) for target in targets])
    if verb != "ANALYZE":
        return Unknown((verb, *at.words()))
    if at.skip("FORMAT", "="):
        at.take()
    return Explain(read(at, grammar), analyze=True)


def _explain(at: Cursor, grammar: Grammar) -> Statement:
    """EXPLAIN and DESCRIBE, of a statement or a table. Only EXPLAIN ANALYZE runs the statement."""
    analyze = bool(at.skip_any("ANALYZE", "EXTENDED", "PARTITIONS")) and "ANALYZE" in (at.word(-1), at.word(-2))
    if at.skip("FORMAT", "="):
        at.take()
    runs = at.word() in ("SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "TABLE", "(")
    return Explain(read(at, grammar) if runs else Select(), analyze and runs)


def _prepare(at: Cursor, grammar: Grammar) -> Statement:
    return Prepare(Unknown(("PREPARE",)))


def _begin(at: Cursor, grammar: Grammar) -> Statement:
    """BEGIN, or a compound statement: BEGIN NOT ATOMIC ... END (MariaDB)."""
    return Do(at.text, "sql") if at.skip("NOT", "ATOMIC") else ControlTransaction()


def _start(at: Cursor, grammar: Grammar) -> Statement:
    return ControlTransaction() if at.word() == "TRANSACTION" else utility(at, grammar)


def _lock(at: Cursor, grammar: Grammar) -> Statement:
    """LOCK TABLES and UNLOCK TABLES, which end a transaction; LOCK INSTANCE does not."""
    return utility(at, grammar) if at.word() == "INSTANCE" else ControlTransaction()


_UTILITIES = (
    "BACKUP BINLOG CACHE CALL CHANGE CLONE DEALLOCATE EXECUTE FLUSH GET HANDLER IMPORT INSTALL KILL PURGE RESET RESIGNAL"
    " RESTART SHUTDOWN SIGNAL STOP UNINSTALL"
)
_CONTROL = ("COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA")

ROWS: dict[str, Row] = {
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "RENAME": _rename,
    "UPDATE": _update,
    "DELETE": _delete,
    "TRUNCATE": _truncate,
    "SELECT": _select,
    "LOAD": _load,
    "SET": _set,
    "USE": _use,
    "PREPARE": _prepare,
    "BEGIN": _begin,
    "START": _start,
    **dict.fromkeys(("GRANT", "REVOKE"), lambda at, grammar: privileges.read(at)),
    **dict.fromkeys(("SHOW", "DO", "TABLE", "HELP"), _nothing),
    **dict.fromkeys(("ANALYZE", "CHECK", "CHECKSUM", "OPTIMIZE", "REPAIR"), _maintain),
    **dict.fromkeys(("EXPLAIN", "DESCRIBE", "DESC"), _explain),
    **dict.fromkeys(("LOCK", "UNLOCK"), _lock),
    **dict.fromkeys(_CONTROL, control),
    **dict.fromkeys(_UTILITIES.split(), utility),
}
"""Grammar rows by the first word of a statement."""
