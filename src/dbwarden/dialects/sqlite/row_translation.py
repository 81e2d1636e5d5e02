"""Translation of statements about rows that MySQL writes in its own way: REPLACE, ON DUPLICATE KEY UPDATE, UPDATE and DELETE
with joins, an order or a limit."""

from __future__ import annotations

from typing import Any

from dbwarden.core.ddl.cursor import code
from dbwarden.core.dialect import Dialect
from dbwarden.core.tokens import to_text

from . import expressions

_HINTS = frozenset(("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK"))


def parse_tree(sql: str, source: Dialect) -> Any | None:
    """SQLGlot's tree of a statement of MySQL, with the code of conditional comments; a REPLACE is an INSERT OR REPLACE."""
    from sqlglot import exp

    tokens = list(code(sql, source.lexical_rules))
    first = tokens[0].text.upper() if tokens else ""
    words = {token.text.upper() for token in tokens[:2]}
    if first in ("INSERT", "REPLACE", "UPDATE", "DELETE") and words & _HINTS:
        tokens = [tokens[0], *tokens[2:]]
    if first == "REPLACE":
        into = tokens[1:2] and tokens[1].text.upper() == "INTO"
        tokens = [tokens[0]._replace(text="INSERT" if into else "INSERT INTO"), *tokens[1:]]
    tree = expressions.parse_tree(to_text(tokens), source.name)
    if first == "REPLACE" and isinstance(tree, exp.Insert):
        tree.set("alternative", "REPLACE")
    return tree


def replacement(tree: Any, exp: Any) -> Any | None:
    """The statement in SQLite's form; ``None`` if it has none."""
    match tree:
        case exp.Insert(args={"conflict": exp.OnConflict()}):
            return _upsert(tree, exp)
        case exp.Update():
            return _limited(_update(tree, exp), exp)
        case exp.Delete():
            return _limited(_delete(tree, exp), exp)
    return tree


def _upsert(tree: Any, exp: Any) -> Any:
    """``ON DUPLICATE KEY UPDATE`` as ``ON CONFLICT DO UPDATE``, where ``excluded`` is the new row."""
    source, conflict = tree.expression, tree.args["conflict"]
    alias = source.args.get("alias") if source is not None else None
    new_row = alias.name if alias is not None and isinstance(source, exp.Values) else ""
    if new_row:
        source.set("alias", None)
    for assignment in conflict.expressions:
        value = assignment.expression
        for node in [*value.find_all(exp.Anonymous, exp.Column)]:
            if isinstance(node, exp.Anonymous) and node.name.upper() == "VALUES" and node.expressions:
                column = exp.to_identifier(node.expressions[0].name)
            elif isinstance(node, exp.Column) and new_row and node.table == new_row:
                column = node.this
            else:
                continue
            node.replace(exp.column(column.copy(), table="excluded"))
    if isinstance(source, exp.Select) and source.args.get("where") is None:
        source.set("where", exp.Where(this=exp.true()))  # else SQLite takes ON for the one of a join
    tree.set(
        "conflict",
        exp.OnConflict(action=exp.var("DO UPDATE"), expressions=[one.copy() for one in conflict.expressions]),
    )
    return tree


def _joined(table: Any, others: list[Any], exp: Any) -> tuple[list[Any], list[Any]] | None:
    """The other tables of a join and its conditions; ``None`` for an outer join, which SQLite has no form for here."""
    tables, conditions = [], []
    for join in [*(table.args.get("joins") or []), *others]:
        if join.args.get("side") or join.args.get("using"):
            return None
        tables.append(join.this)
        if join.args.get("on") is not None:
            conditions.append(join.args["on"])
    table.set("joins", None)
    return tables, conditions


def _update(tree: Any, exp: Any) -> Any | None:
    """``UPDATE a JOIN b ON ... SET`` as ``UPDATE a SET ... FROM b WHERE ...``."""
    joined = _joined(tree.this, [], exp)
    if joined is None:
        return None
    tables, conditions = joined
    own = {tree.this.alias_or_name}
    for assignment in tree.expressions:
        target = assignment.this
        if isinstance(target, exp.Column) and target.table:
            if target.table not in own:
                return None
            target.set("table", None)
    if not tables:
        return tree
    first, *more = tables
    first = first.copy()
    first.set("joins", [exp.Join(this=table.copy(), kind="CROSS") for table in more])
    tree.set("from_", exp.From(this=first))
    return _with_conditions(tree, conditions, exp)


def _delete(tree: Any, exp: Any) -> Any | None:
    """``DELETE a FROM a JOIN b ON ...`` as ``DELETE FROM a WHERE EXISTS (SELECT 1 FROM b WHERE ...)``."""
    targets = tree.args.get("tables") or []
    using = tree.args.get("using") or []
    if not targets and not using:
        return tree
    if len(targets) > 1:
        return None
    joined = _joined(tree.this, [], exp)
    if joined is None:
        return None
    tables, conditions = joined
    everything = [tree.this, *tables]
    target = next((table for table in everything if not targets or table.alias_or_name == targets[0].name), None)
    if target is None:
        return None
    others = [table for table in everything if table is not target]
    where = tree.args.get("where")
    condition = exp.and_(*(one.copy() for one in conditions), *([where.this.copy()] if where is not None else []))
    if others:
        inner = exp.select("1").from_(others[0].copy())
        for table in others[1:]:
            inner = inner.join(table.copy(), join_type="cross")
        condition = exp.Exists(this=inner.where(condition) if conditions or where is not None else inner)
    return exp.Delete(this=target.copy(), where=exp.Where(this=condition))


def _with_conditions(tree: Any, conditions: list[Any], exp: Any) -> Any:
    where = tree.args.get("where")
    if conditions:
        parts = [one.copy() for one in conditions] + ([where.this.copy()] if where is not None else [])
        tree.set("where", exp.Where(this=exp.and_(*parts)))
    return tree


def _limited(tree: Any | None, exp: Any) -> Any | None:
    """ORDER BY and LIMIT, which SQLite has here only if it was built so, as a condition on the rows' numbers."""
    if tree is None or tree.args.get("limit") is None:
        if tree is not None:
            tree.set("order", None)
        return tree
    rows = exp.select("rowid").from_(tree.this.copy())
    for key in ("where", "order", "limit"):
        if tree.args.get(key) is not None:
            rows.set(key, tree.args[key].copy())
            tree.set(key, None)
    tree.set("where", exp.Where(this=exp.In(this=exp.column("rowid"), query=exp.Subquery(this=rows))))
    return tree
