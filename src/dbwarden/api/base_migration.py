"""Base migration: the file that builds an empty database like an existing one, generated from that database and proved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from glob import escape
from typing import TYPE_CHECKING

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core import file_writer, kinds
from dbwarden.core.creation import creations, needs_of, related, with_mentioned_needs
from dbwarden.core.declared_owners import changes_owner
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.model import Definition, Object, Schema
from dbwarden.core.own_tables import without_own
from dbwarden.core.plan import Pair, pair, plan
from dbwarden.core.spelling import fold_ref
from dbwarden.core.steps import Plan
from dbwarden.core.types import Ref
from dbwarden.errors import NothingToAdopt
from dbwarden.runtime.connection import DatabaseConnection

from .check_db import all_namespaces
from .other_objects import tables_of_others
from .proof import NOT_TRIED, Proof, ProofSubject, prove_migration, with_headers
from .workspace import Workspace

if TYPE_CHECKING:
    from dbwarden.core.ddl.statements import Statement

ALL = "*"
"""Pattern for objects of any name."""


@dataclass(frozen=True)
class ExistingSchema:
    """Schema of a database that a base migration is to build."""

    dialect: Dialect
    schema: Schema
    left_out: tuple[str, ...] = ()
    """Objects that the migration leaves out, with the reason."""


@dataclass(frozen=True)
class BaseMigration:
    """Text of a base migration, and the outcome of trying it out."""

    text: str
    tables: int
    proof: Proof


def existing_schema(
    workspace: Workspace, conn: DatabaseConnection, dialect: Dialect, current: Schema, tables_of_tool: Iterable[Ref]
) -> ExistingSchema:
    """What a migration can create of the schema ``current`` of the database: not what is ignored, what another project's
    migrations created, and the tables of the tool that is left. Raises ``NothingToAdopt``."""
    hidden = {ref for table in tables_of_tool for ref in related(table, current)}
    schema = workspace.ignored(dialect).hide(without_own(current).without(*hidden))
    divided = workspace.divided_history(conn, (), rollback_sql=True)
    owners, _ = tables_of_others(divided.others, dialect)
    theirs = [ref for ref in schema if fold_ref(ref, dialect.features.caseless_names) in owners]
    schema = schema.without(*(ref for owner in theirs for ref in (owner, *related(owner, schema))))
    rights = [ref for ref in schema if kinds.of(ref.kind).is_right or ref.kind in dialect.features.of_server]
    schema = Schema(_without_rights(item, dialect) for item in schema.without(*rights).objects())
    schema, refused = _creatable(with_mentioned_needs(schema, dialect), dialect)
    if not schema.tables():
        raise NothingToAdopt(database=workspace.name, url=workspace.database.shown_url())
    others = (str(ref) for ref in dialect.other_objects(conn, Scope(all_namespaces(conn, dialect))))
    left_out = [
        *([f"{len(rights)} privileges and roles, which belong to the server's accounts"] if rights else []),
        *(f"{ref} of the project '{owners[fold_ref(ref, dialect.features.caseless_names)]}'" for ref in theirs),
        *(f"{name}, of a kind that migrations never change" for name in others),
        *refused,
    ]
    return ExistingSchema(dialect, schema, tuple(left_out))


def _without_rights(item: Object, dialect: Dialect) -> Object:
    """A definition without the statements that would give its owner and privileges back."""
    if not isinstance(item, Definition) or not item.dependents:
        return item
    statements = ((text, dialect.parse(text)) for text in item.dependents)
    return replace(item, dependents=tuple(text for text, statement in statements if not _is_right(statement)))


def _is_right(statement: Statement) -> bool:
    refs = (*statement.creates, *statement.drops)
    return changes_owner(statement) or (bool(refs) and all(kinds.of(ref.kind).is_right for ref in refs))


def _creatable(schema: Schema, dialect: Dialect) -> tuple[Schema, list[str]]:
    """``schema`` without what no statement of ours creates and what depends on that; and these objects with the reason."""
    reasons = {step.ref: step.refused for step in creations(schema, dialect) if step.refused}
    if not reasons:
        return schema, []
    lost = _with_dependents(reasons, schema)
    texts = [
        f"{ref}: {reasons[ref]}" if ref in reasons else f"{ref}, which depends on it" for ref in schema if ref in lost
    ]
    return schema.without(*lost), texts


def base_migration(
    workspace: Workspace, existing: ExistingSchema, tool: str, unowned: Iterable[str], *, proof: bool = True
) -> BaseMigration:
    """Generate the migration, and run it in a scratch database: up, compare with the database, down, up.

    Raises ``ProofFailed``.
    """
    dialect, schema = existing.dialect, existing.schema
    both = pair(Schema(), schema)
    steps = plan(both, dialect, Prefs())
    text = _text(steps, dialect, tool, tuple(unowned))
    outcome = _prove(workspace, dialect, both, steps, text) if proof else NOT_TRIED
    file = migration_file.parse("0001_base.sql", text, dialect.lexical_rules, dialects.LEXICAL_RULES)
    return BaseMigration(with_headers(file, [outcome]), len(schema.tables()), outcome)


def _text(steps: Plan, dialect: Dialect, tool: str, unowned: tuple[str, ...]) -> str:
    reasons = steps.irreversible()
    headers = {"irreversible": "; ".join(reasons) or None, "adopted": tool, "unowned": unowned}
    rollback = () if reasons else steps.rollback()
    return file_writer.format(steps.upgrade(), rollback, headers, lexical_rules=dialect.lexical_rules)


def _prove(workspace: Workspace, dialect: Dialect, both: Pair, steps: Plan, text: str) -> Proof:
    changes = tuple(step.change for step in steps.steps)
    subject = ProofSubject(dialect, both, changes, len(steps.upgrade()), text, dialect.lexical_rules)
    return prove_migration(workspace, subject, asked=True)


def names_of(refs: Iterable[Ref], schema: Schema) -> tuple[str, ...]:
    """Names of objects of ``schema`` as patterns of the header ``unowned``: those that stand for themselves, with their schema
    if it is not the default one."""
    names = (ref for ref in refs if ref in schema and ref.table is None)
    texts = (f"{ref.schema}.{ref.name}" if ref.schema else ref.name for ref in names)
    return tuple(sorted({escape(text.partition("(")[0]) for text in texts}))


def _with_dependents(refs: Iterable[Ref], schema: Schema) -> set[Ref]:
    """Objects with all that depends on them, directly or through others."""
    reached = set(refs)
    while True:
        users = {ref for ref, item in schema.items() if ref not in reached and _depends(ref, item, reached)}
        if not users:
            return reached
        reached |= users


def _depends(ref: Ref, item: Object, reached: set[Ref]) -> bool:
    return ref.owner in reached or any(need in reached or need.owner in reached for need in needs_of(item))
