"""ON CLUSTER in the text of statements: written into generated ones, and left out where there is no cluster.

A generated file names the cluster, so that a person reviews what runs. The same file also runs on a server without it: a
scratch database, a development server, or a database of the engine ``Replicated``, which refuses the clause. There
``without_cluster`` leaves it out. Both read the statement by its tokens; text and comments around stay as they are.
"""

from __future__ import annotations

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.ddl.parse import kind_at
from dbwarden.core.ddl.statements import CreateTable
from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import QUOTED

from .statements import VOCABULARY, statement
from .words import LEXICAL_RULES, string_literal, unescaped

_VERBS = frozenset("CREATE REPLACE ALTER DROP TRUNCATE DELETE UPDATE OPTIMIZE DETACH ATTACH UNDROP".split())
"""First words of statements that name the cluster behind the names of their objects."""
_AT_END = ("RENAME", "EXCHANGE")
_OTHERS = frozenset("GRANT REVOKE KILL SYSTEM BACKUP RESTORE MOVE".split())
"""First words of further statements that may name a cluster, which are never generated."""
_BEFORE_BODY = ("AS", "SELECT", "WHERE", "SET", "UPDATE")
"""Words behind which ON CLUSTER is part of an expression."""
_BEFORE_KIND = frozenset("OR REPLACE TEMPORARY TEMP PERMANENTLY".split())
_LOCAL = frozenset(("TEMPORARY", "TEMP"))
_KINDS = frozenset("table view materialized_view dictionary database function".split()) | {"named collection"}
"""Kinds of objects whose generated statements name the cluster."""


def cluster_of(sql: str) -> str | None:
    """The cluster that a statement names, with macros as written; ``None`` if it names none."""
    clause = _clause(_cursor(sql))
    if clause is None:
        return None
    name = clause[-1]
    return unescaped(name.text) if name.kind is not TokenKind.WORD else name.text


def unreplicated_engine(sql: str) -> str | None:
    """The engine of a table of the family of MergeTree that a statement creates ON CLUSTER without replication."""
    if cluster_of(sql) is None:
        return None
    created = statement(sql)
    text = created.options().get("ENGINE", "") if isinstance(created, CreateTable) else ""
    engine = text.partition("(")[0].strip()
    return engine if engine.endswith("MergeTree") and not engine.startswith(("Replicated", "Shared")) else None


def without_cluster(sql: str) -> str:
    """The statement without ON CLUSTER; unchanged if it has none."""
    at = _cursor(sql)
    clauses = []
    while (clause := _clause(at)) is not None:  # CREATE USER a ON CLUSTER c, b ON CLUSTER c
        clauses.append(clause)
    for clause in reversed(clauses):
        sql = f"{sql[: clause[0].start].rstrip()}{sql[clause[-1].end :]}"
    return sql


def with_cluster(sql: str, name: str) -> str:
    """The statement with ON CLUSTER, if it can have one and does not name a cluster yet."""
    if cluster_of(sql) is not None:
        return sql
    place = _place(_cursor(sql))
    if place is None:
        return sql
    return f"{sql[:place]} ON CLUSTER {string_literal(name)}{sql[place:]}"


def _cursor(sql: str) -> Cursor:
    at = cursor(sql, LEXICAL_RULES)
    at.vocabulary = VOCABULARY
    return at


def _clause(at: Cursor) -> list[Token] | None:
    """Move behind the next ON CLUSTER and return its three tokens; ``None`` if there is none."""
    if at.at == 0 and at.word() not in _VERBS and at.word() not in _OTHERS and at.word() not in _AT_END:
        return None
    if at.at == 0 and at.word() in ("UPDATE", "SET"):
        at.at += 1
    while not at.at_end and at.word() not in _BEFORE_BODY:
        start = at.at
        if at.skip("ON", "CLUSTER"):
            name = at.take()
            if name is not None and (name.kind in QUOTED or name.kind in (TokenKind.WORD, TokenKind.STRING)):
                return at.between(start)
        elif at.word() == "(":
            at.group()
        else:
            at.at += 1
    return None


def _place(at: Cursor) -> int | None:
    """Position in the text at which ON CLUSTER belongs; ``None`` if the statement cannot have it."""
    verb = at.word()
    if verb in _AT_END:
        tokens = at.until("SETTINGS")
        return tokens[-1].end
    if verb not in _VERBS:
        return None
    at.take()
    if _LOCAL.intersection(at.skip_any(*_BEFORE_KIND)) or not _skip_kind(at, verb):
        return None
    at.skip("IF", "NOT", "EXISTS")
    at.skip("IF", "EXISTS")
    at.ref("table")
    while verb == "DROP" and at.skip(","):
        at.ref("table")
    if at.skip("UUID"):
        at.take()
    names = at.between(0)
    return names[-1].end


def _skip_kind(at: Cursor, verb: str) -> bool:
    """Move to the name of the object; false if objects of its kind are not spread to a cluster."""
    if verb == "DELETE":
        return at.skip("FROM")
    if verb == "UPDATE":
        return True
    if verb in ("TRUNCATE", "OPTIMIZE", "UNDROP"):
        at.skip("TABLE")
        return at.word() not in ("ALL", "DATABASE")
    return kind_at(at) in _KINDS
