"""Translation of hand-written statements into SQLite's syntax, for ``--dev`` and a file without a variant.

Statements without a counterpart in SQLite (privileges, comments, functions, settings) are left out and reported, as are
those that need a rebuild (a constraint added to a table). An ``-- upgrade: sqlite`` section in the file replaces the
translation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dbwarden.core.ddl.statements import (
    AddEnumValue,
    AlterObject,
    CreateEnum,
    CreateObject,
    Do,
    DropObject,
    DropTable,
    Grant,
    Maintain,
    RenameEnumValue,
    RenameType,
    Select,
    Set,
    Statement,
    Utility,
)
from dbwarden.core.dialect import Dialect
from dbwarden.core.sqltext import LexicalRules, fold_case, normalized, words
from dbwarden.core.tokens import calls
from dbwarden.core.translation import TranslatedStatement
from dbwarden.core.type_table import Family
from dbwarden.core.types import Ref, parse_type

from . import expressions, row_translation
from .table_translation import translate_definition
from .type_translation import map_type
from .types import TYPES, declared
from .words import quote

_NO_USERS, _NO_TYPES = "SQLite has no users", "SQLite has no named types"
_NO_PROCEDURES, _NO_SETTING = "procedures and triggers are not translated", "SQLite has no such setting"
_MEANINGLESS_KINDS = {
    "role": _NO_USERS, "policy": _NO_USERS, "extension": "SQLite has no extensions of this kind",
    "namespace": "schemas are prefixes of names here", "sequence": "SQLite has no sequences",
    "user": _NO_USERS, "type": _NO_TYPES, "domain": _NO_TYPES, "database": "a file is one database",
    "procedure": _NO_PROCEDURES, "event": "SQLite runs no events",
    **dict.fromkeys(("function", "trigger", "rule", "event_trigger", "publication", "subscription"), _NO_PROCEDURES),
}  # fmt: skip
"""Reason why a statement that creates, alters or drops an object of a kind is left out."""
_MEANINGLESS = {
    "COMMENT": "SQLite keeps no comments", "RESET": _NO_SETTING, "LOCK": "SQLite locks the whole database",
    "CALL": "SQLite runs no procedures", "REFRESH": "views are never materialized here",
    "CLUSTER": "SQLite does not cluster tables", "VACUUM": "storage is not the same here",
    "NOTIFY": "SQLite tells nobody",
    **dict.fromkeys(("UNLOCK", "FLUSH"), "SQLite locks the whole database"),
    **dict.fromkeys(("OPTIMIZE", "REPAIR", "CHECK", "CHECKSUM"), "storage is not the same here"),
    **dict.fromkeys(("LOAD", "HANDLER"), "SQLite reads no files"), "USE": "a file is one database",
}  # fmt: skip
"""Reason why a statement with this first word is left out."""
_SETTERS = frozenset(("setval", "set_config"))
_POSTGRESQL = "postgresql"
"""Dialect whose definitions are translated by their trees; those of MySQL are translated clause by clause."""
_UNREAD = "it could not be read"
_ALONE = "SQLite has no statement for it"

Losses = list[tuple[str, str]]


def translate_statement(sql: str, source: Dialect) -> TranslatedStatement:
    """Translate one statement (``core.translation.Translator``)."""
    statement = source.parse(sql)
    reason = _meaningless_reason(statement) or _sets(statement, sql, source.lexical_rules)
    if reason is not None:
        return _skipped(sql, reason)
    losses: Losses = []
    if source.name in expressions.MYSQL:
        definition = translate_definition(sql, source, losses)
        if definition is not None:
            return TranslatedStatement(tuple(definition), tuple(dict.fromkeys(losses)))
    match statement:
        case DropTable():
            return _drop("TABLE", statement.tables, statement.if_exists)
        case DropObject("index" | "view" | "materialized_view" as kind, refs, if_exists=if_exists):
            return _drop("INDEX" if kind == "index" else "VIEW", refs, if_exists)
        case DropObject():
            return _skipped(sql, _ALONE)
    tree = _tree(sql, source)
    if tree is None:
        return _skipped(sql, _UNREAD)
    if source.lexical_rules.folds_names:
        _fold_names(tree)
    done = _statement(tree, sql, source, losses)
    return TranslatedStatement(tuple(done), tuple(dict.fromkeys(losses)))


def _tree(sql: str, source: Dialect) -> Any | None:
    """SQLGlot's tree of a statement, without comments, which it would print at other places."""
    if source.name not in expressions.MYSQL:
        return expressions.parse_tree(normalized(sql, source.lexical_rules), source.name)
    return row_translation.parse_tree(sql, source)


def _meaningless_reason(statement: Statement) -> str | None:
    """Reason why a statement has no meaning in SQLite; ``None`` if it has one."""
    match statement:
        case Grant():
            return _NO_USERS
        case Set():
            return _NO_SETTING
        case Do():
            return "SQLite runs no procedures"
        case AddEnumValue() | RenameEnumValue() | RenameType() | AlterObject("type"):
            return f"{_NO_TYPES}: a CHECK made from its values stays as it is"
        case CreateEnum():
            return _NO_TYPES
        case CreateObject(kind) | AlterObject(kind) | DropObject(kind):
            return _MEANINGLESS_KINDS.get(kind)
        case Utility((word, *_)) | Maintain(word):
            return _MEANINGLESS.get(word)
        case _:
            return None


def _sets(statement: Statement, sql: str, lexical_rules: LexicalRules) -> str | None:
    """Reason for leaving out a SELECT that calls ``setval`` or ``set_config``; ``None`` for any other statement."""
    if not isinstance(statement, Select) or not any(name in sql.lower() for name in _SETTERS):
        return None
    called = {name.rpartition(".")[2] for name in calls(words(sql, lexical_rules), lexical_rules)}
    return None if _SETTERS.isdisjoint(called) else _NO_SETTING


def excerpt(sql: str) -> str:
    """The beginning of a statement on one line."""
    line = " ".join(sql.split())
    return line if len(line) <= 60 else line[:59] + "…"


def _skipped(sql: str, why: str) -> TranslatedStatement:
    return TranslatedStatement((), ((f"{excerpt(sql)} is left out", why),))


def _statement(tree: Any, sql: str, source: Dialect, losses: Losses) -> list[str]:
    from sqlglot import exp

    if source.name in expressions.MYSQL:
        tree = row_translation.replacement(tree, exp)
        if tree is None:
            losses.append((f"{excerpt(sql)} is left out", _ALONE))
            return []
    _qualified(tree, source, exp)
    match tree:
        case exp.Create() if tree.kind == "TABLE" and tree.find(exp.PartitionedOfProperty) is None:
            return _printed(_table(tree, exp, losses), sql, source, losses)
        case exp.Create() if tree.kind == "INDEX":
            return _index(tree, sql, source, exp, losses)
        case exp.Create() if tree.kind == "VIEW":
            return _view(tree, sql, source, exp, losses)
        case exp.Delete():
            return _printed(_delete(tree, exp), sql, source, losses)
        case exp.Alter() if tree.kind == "TABLE":
            return _alter(tree, exp, losses)
        case exp.TruncateTable():
            return [f"DELETE FROM {table.sql(dialect='sqlite')}" for table in tree.expressions]
        case exp.Command() | exp.Alter() | exp.Create():
            losses.append((f"{excerpt(sql)} is left out", _ALONE))
            return []
    return _printed(tree, sql, source, losses)


def _printed(tree: Any, sql: str, source: Dialect, losses: Losses) -> list[str]:
    text = expressions.to_sql(tree, source.name)
    if text is None:
        losses.append((f"{excerpt(sql)} is left out", _ALONE))
        return []
    return [text]


def _fold_names(tree: Any) -> None:
    """Convert unquoted names to lower case, as the source stores them, so that all spellings of a name agree."""
    from sqlglot import exp

    for identifier in tree.find_all(exp.Identifier):
        if not identifier.args.get("quoted"):
            identifier.set("this", fold_case(identifier.name))


def _qualified(tree: Any, source: Dialect, exp: Any) -> None:
    """Rename ``audit.log`` to ``audit__log``; in indexes, order NULLs as SQLite does.

    MySQL's qualifier is a database: a project has one, so it is left out.
    """
    keeps_namespace = "namespace" not in source.features.lacks
    for table in tree.find_all(exp.Table):
        namespace = table.args.get("db")
        if keeps_namespace and namespace is not None and namespace.name not in ("", "public"):
            table.set("this", exp.to_identifier(f"{namespace.name}__{table.name}", quoted=table.this.quoted))
        table.set("db", None)
        table.set("catalog", None)
    for column in tree.find_all(exp.Column):
        namespace = column.args.get("db")
        if namespace is not None and not keeps_namespace:
            column.set("db", None)
        elif namespace is not None:
            column.set("table", exp.to_identifier(f"{namespace.name}__{column.table}"))
            column.set("db", None)
    if isinstance(tree, exp.Create) or tree.find(exp.OnConflict):
        for ordered in tree.find_all(exp.Ordered):
            ordered.set("nulls_first", not ordered.args.get("desc"))


# -- tables -------------------------------------------------------------------------------------------------------


def _table(tree: Any, exp: Any, losses: Losses) -> Any:
    name = tree.this.this.name if isinstance(tree.this, exp.Schema) else tree.this.name
    properties = tree.args.get("properties")
    lost = [] if properties is None else [prop for prop in properties.expressions if _concerns(prop, exp)]
    losses += [(f"{name}: {expressions.to_text(prop)} is left out", "SQLite has no such tables") for prop in lost]
    tree.set("properties", exp.Properties(expressions=_temporary(properties, exp)) if properties else None)
    for column in [*tree.find_all(exp.ColumnDef)]:
        _column(column, name, _is_key(column, tree, exp), exp, losses)
    return tree


def _concerns(node: Any, exp: Any) -> bool:
    """Whether the loss of a property must be reported: PARTITION BY, INHERITS."""
    return isinstance(node, exp.PartitionedByProperty | exp.InheritsProperty)


def _temporary(properties: Any, exp: Any) -> list[Any]:
    return [prop for prop in properties.expressions if isinstance(prop, exp.TemporaryProperty)]


def _is_key(column: Any, tree: Any, exp: Any) -> bool:
    """Whether the column is the whole primary key."""
    if any(isinstance(constraint.kind, exp.PrimaryKeyColumnConstraint) for constraint in column.constraints):
        return True
    keys = list(tree.find_all(exp.PrimaryKey))
    return any([part.name for part in key.expressions] == [column.name] for key in keys)


def _column(column: Any, table: str, is_key: bool, exp: Any, losses: Losses) -> None:
    """Convert a column definition to SQLite's types, and remove what SQLite cannot express."""
    where = f"{table}.{column.name}"
    written = expressions.to_text(column.kind).lower() if column.kind is not None else ""
    datatype = parse_type(written)
    numbering = "serial" in written or any(
        isinstance(constraint.kind, exp.GeneratedAsIdentityColumnConstraint) and constraint.kind.expression is None
        for constraint in column.constraints
    )
    mapping = map_type(datatype)
    if numbering and not is_key:
        losses.append((f"{where} is not numbered", "SQLite numbers only a single INTEGER PRIMARY KEY"))
    elif mapping.loss and not numbering:
        losses.append((f"{where}: {written} becomes {declared(mapping.type)}", mapping.loss))
    name = (
        "INTEGER"
        if numbering and (is_key or TYPES.row(mapping.type).family is Family.WHOLE)
        else declared(mapping.type)
    )
    if written:
        column.set("kind", exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=name))
    constraints = [constraint for constraint in column.constraints if _keeps_constraint(constraint, where, exp, losses)]
    if mapping.collation:
        constraints.append(exp.ColumnConstraint(kind=exp.CollateColumnConstraint(this=exp.var(mapping.collation))))
    column.set("constraints", constraints)


def _keeps_constraint(constraint: Any, where: str, exp: Any, losses: Losses) -> bool:
    kind = constraint.kind
    if isinstance(kind, exp.GeneratedAsIdentityColumnConstraint):
        return kind.expression is not None
    if isinstance(kind, exp.CollateColumnConstraint):
        return False
    if isinstance(kind, exp.DefaultColumnConstraint):
        return _keeps_default(kind, where, exp, losses)
    return True


def _keeps_default(kind: Any, where: str, exp: Any, losses: Losses) -> bool:
    original = expressions.to_text(kind.this)
    text = expressions.to_sql(kind.this.copy(), _POSTGRESQL)
    if text is None or not expressions.is_default(text):
        losses.append((f"{where}: DEFAULT {original} is left out", "SQLite has no such expression"))
        return False
    value = expressions.rewrite(kind.this.copy(), _POSTGRESQL)
    plain = exp.Literal | exp.Boolean | exp.Null | exp.Neg | exp.Paren | exp.CurrentTimestamp | exp.CurrentDate
    kind.set("this", value if isinstance(value, plain) else exp.paren(value))
    return True


def _alter(tree: Any, exp: Any, losses: Losses) -> list[str]:
    """One ALTER TABLE per action, because SQLite accepts only one at a time."""
    table = tree.this.sql(dialect="sqlite")
    done: list[str] = []
    for action in tree.args.get("actions") or []:
        statement = _action(table, tree, action, exp, losses)
        if statement is None:
            loss = f"ALTER TABLE {table} {excerpt(expressions.to_text(action))} is left out"
            losses.append((loss, "SQLite would have to build the table anew: write an `-- upgrade: sqlite` section"))
        else:
            done.append(statement)
    return done


def _action(table: str, tree: Any, action: Any, exp: Any, losses: Losses) -> str | None:
    match action:
        case exp.ColumnDef():
            _column(action, tree.this.name, False, exp, losses)
            action.set("exists", None)
            text = expressions.to_sql(action, _POSTGRESQL)
            return None if text is None else f"ALTER TABLE {table} ADD COLUMN {text}"
        case exp.Drop() if action.args.get("kind") == "COLUMN":
            for key in ("exists", "cascade", "constraints"):
                action.set(key, None)
            return f"ALTER TABLE {table} {action.sql(dialect='sqlite')}"
        case exp.RenameColumn() | exp.AlterRename():
            return f"ALTER TABLE {table} {action.sql(dialect='sqlite')}"
        case exp.AddConstraint():
            return _unique(table, action, exp)
    return None


def _unique(table: str, action: Any, exp: Any) -> str | None:
    """A unique constraint, as a unique index."""
    for constraint in action.expressions:
        inner = constraint.expressions[0] if isinstance(constraint, exp.Constraint) and constraint.expressions else None
        if isinstance(inner, exp.UniqueColumnConstraint) and isinstance(inner.this, exp.Schema):
            columns = ", ".join(column.sql(dialect="sqlite") for column in inner.this.expressions)
            return f"CREATE UNIQUE INDEX {quote(constraint.name)} ON {table} ({columns})"
    return None


# -- indexes, views, drops ----------------------------------------------------------------------------------------


def _index(tree: Any, sql: str, source: Dialect, exp: Any, losses: Losses) -> list[str]:
    parameters = tree.this.args.get("params")
    method = parameters.args.get("using") if parameters is not None else None
    if method is not None and method.name.lower() not in ("btree", "hash"):
        losses.append((f"{excerpt(sql)} is left out", f"SQLite has no {method.name.lower()} indexes"))
        return []
    tree.set("concurrently", None)
    if parameters is not None:
        for key in ("using", "include", "with_storage", "tablespace"):
            parameters.set(key, None)
        for wrapped in [*parameters.find_all(exp.Opclass)]:
            wrapped.replace(wrapped.this)
    return _printed(tree, sql, source, losses)


def _view(tree: Any, sql: str, source: Dialect, exp: Any, losses: Losses) -> list[str]:
    name = (tree.this.this if isinstance(tree.this, exp.Schema) else tree.this).sql(dialect="sqlite")
    replaces = bool(tree.args.get("replace"))
    tree.set("replace", None)
    tree.set("properties", None)
    statements = _printed(tree, sql, source, losses)
    return [f"DROP VIEW IF EXISTS {name}", *statements] if statements and replaces else statements


def _drop(kind: str, refs: Iterable[Ref], if_exists: bool) -> TranslatedStatement:
    """One DROP per object, because SQLite accepts only one at a time, and no CASCADE."""
    words = f"DROP {kind} IF EXISTS" if if_exists else f"DROP {kind}"
    names = (f"{ref.schema}__{ref.name}" if ref.schema else ref.name for ref in refs)
    return TranslatedStatement(tuple(f"{words} {quote(name)}" for name in names))


def _delete(tree: Any, exp: Any) -> Any:
    """Rewrite ``DELETE FROM a USING b WHERE ...`` as ``DELETE FROM a WHERE EXISTS (SELECT 1 FROM b WHERE ...)``."""
    using = tree.args.get("using")
    if not using:
        return tree
    where = tree.args.get("where")
    first, *more = using if isinstance(using, list) else [using]
    inner = exp.select("1").from_(first.copy())
    for table in more:
        inner = inner.join(table.copy(), join_type="cross")
    if where is not None:
        inner = inner.where(where.this.copy())
    return exp.Delete(
        this=tree.this, where=exp.Where(this=exp.Exists(this=inner)), returning=tree.args.get("returning")
    )
