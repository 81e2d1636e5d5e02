"""ALTER TABLE for changes of columns: types, defaults, NOT NULL, identity and generated columns.

``alter`` turns one column into another. Its statements run in this order:

1. Drop indexes with an expression over the column: with the new type, the server would keep them with casts to the old one.
2. One ALTER TABLE: drop such constraints, and generated columns that read the column, which the server refuses to change
   otherwise; change type, expression, identity, default and NOT NULL; add the constraints and generated columns again.
3. Let the sequence of the new identity or serial column continue after the last number.
4. Create the indexes again, and restore comments and what the generated columns lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbwarden.core.change import Alter, Change
from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    Check,
    Column,
    Domain,
    Exclude,
    Index,
    Member,
    Schema,
    Table,
    column_ref,
)
from dbwarden.core.sequence_values import changes_direction, counts_down, first_number
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.base.names import literal

from . import casts, foreign, names, sequence_options, types
from .renderer import owned_sequence_name, render, sequence
from .words import mentioned_columns


def alter_table(table: Ref, actions: list[str]) -> tuple[str, ...]:
    """One ALTER TABLE with these actions, or nothing."""
    if not actions:
        return ()
    if len(actions) == 1:
        return (f"ALTER TABLE {names.of(table)} {actions[0]}",)
    lines = ",\n".join(f"    {action}" for action in actions)
    return (f"ALTER TABLE {names.of(table)}\n{lines}",)


def alter(before: Column, after: Column, table: Ref, schemas: tuple[Schema, Schema], server: Server) -> tuple[str, ...]:
    """Statements that turn ``before`` into ``after``, with as many clauses as possible in one ALTER TABLE."""
    if recreated(before, after, server):
        return _recreate(after, table, schemas)
    identity_first, identity_actions, identity_last = _identity(before, after, table)
    generated = generated_from(table, {after.name}, schemas) if _changes_type(before, after) else []
    bound = bound_members(table, {after.name}, schemas) if _renamed_type(before.type, after.type) else []
    indexes = [member for member in bound if isinstance(member, Index)]
    constraints = [member for member in bound if not isinstance(member, Index)]
    actions = [
        *(f"DROP CONSTRAINT {names.quote(member.name or '')}" for member in constraints),
        *(f"DROP COLUMN {names.quote(column.name)}" for column in generated),
        *_drop_default(before, after),
        *_type(before, after, table, schemas),
        *_generated(before, after),
        *identity_actions,
        *_default(before, after),
        *_null(before, after),
        *(f"ADD COLUMN {render.column(column)}" for column in generated),
        *(f"ADD {render.constraint(member, frozenset((member.name or '',)))}" for member in constraints),
    ]
    statements = [*(sql for member in indexes for sql in render.drop_member(member)), *identity_first]
    statements += [*alter_table(table, actions), *identity_last, *restore_members(table, generated, schemas, bound)]
    for member in bound:
        statements += render.add_member(member) if isinstance(member, Index) else render.member_comment(member)
    if before.comment != after.comment:
        statements.append(render.comment(f"COLUMN {render.column_path(table, after.name)}", after.comment))
    conversion = (schemas[0].base_type(before.type), schemas[1].base_type(after.type))
    return casts.zone_fixed(statements, [conversion])


def _column(column: Column) -> str:
    return f"ALTER COLUMN {names.quote(column.name)}"


def _changes_type(before: Column, after: Column) -> bool:
    return before.type != after.type or before.collation != after.collation


def _renamed_type(before: DataType, after: DataType) -> bool:
    """Whether more than length or precision changes."""
    return (before.name, before.array, before.ref, before.modifiers) != (
        after.name,
        after.array,
        after.ref,
        after.modifiers,
    )


def _default_in_the_way(before: Column, after: Column) -> bool:
    """Whether the default is dropped before the type changes, since the server may be unable to convert it."""
    return before.default is not None and _renamed_type(before.type, after.type)


def _drop_default(before: Column, after: Column) -> list[str]:
    if before.default is not None and (after.default is None or _default_in_the_way(before, after)):
        return [f"{_column(after)} DROP DEFAULT"]
    return []


def _default(before: Column, after: Column) -> list[str]:
    if after.default is None:
        return []
    if before.default == after.default and not _default_in_the_way(before, after):
        return []
    return [f"{_column(after)} SET DEFAULT {after.default}"]


def _type(before: Column, after: Column, table: Ref, schemas: tuple[Schema, Schema]) -> list[str]:
    if not _changes_type(before, after):
        return []
    text = f"{_column(after)} TYPE {types.sql(after.type)}"
    if after.collation:
        text += f" COLLATE {render.collation(after.collation)}"
    domain = schemas[1].get(after.type.ref) if after.type.ref is not None and not after.type.array else None
    if foreign.is_foreign(schemas[1].get(table)):
        return [text]  # no rows to convert: the server refuses USING
    if casts.needs_using(before.type, domain.type if isinstance(domain, Domain) else after.type):
        text += f" USING {casts.convert_expression(names.quote(after.name), before.type, after.type, schemas)}"
    return [text]


def _generated(before: Column, after: Column) -> list[str]:
    if before.computed is not None and after.computed is None:
        return [f"{_column(after)} DROP EXPRESSION"]
    if before.computed is not None and after.computed is not None and before.computed != after.computed:
        return [f"{_column(after)} SET EXPRESSION AS ({after.computed.expression})"]
    return []


def _null(before: Column, after: Column) -> list[str]:
    if before.nullable == after.nullable:
        return []
    generated = after.identity is not None and after.identity.mode != "serial"
    if generated and before.identity != after.identity and not after.nullable:
        return []  # SET NOT NULL is printed before ADD GENERATED, which requires it
    return [f"{_column(after)} {'DROP' if after.nullable else 'SET'} NOT NULL"]


# -- identity and serial ------------------------------------------------------------------------------------------

Parts = tuple[list[str], list[str], list[str]]


def _identity(before: Column, after: Column, table: Ref) -> Parts:
    """Statements before, clauses inside and statements after the ALTER TABLE; the next number stays the same."""
    old, new = before.identity, after.identity
    retyped = before.type != after.type
    if old == new:
        if old is not None and old.mode == "serial" and retyped:
            return [], [], [f"ALTER SEQUENCE {names.of(sequence(before, table))} AS {types.sql(after.type)}"]
        return [], [], []
    was, becomes = (old.mode if old else None), (new.mode if new else None)
    if was == becomes == "serial":
        assert old is not None and new is not None
        numbered = sequence(before, table)
        inside = sequence_options.move_into_bounds(numbered, new.options, old.options)
        option_clauses = sequence_options.sql(new.options, old.options)
        return (
            [],
            [],
            [
                *inside,
                f"ALTER SEQUENCE {names.of(numbered)} {option_clauses}",
                *_follow_up(before, after, table, numbered),
            ],
        )
    if was == "serial":
        return _from_serial(before, after, table)
    if becomes == "serial":
        return _to_serial(before, after, table)
    return _between(before, after, table)


def _between(before: Column, after: Column, table: Ref) -> Parts:
    old, new = before.identity, after.identity
    if new is None:
        away = [f"{_column(after)} DROP IDENTITY"]
        # In one ALTER TABLE the server would check the new type before it drops the identity.
        return ([*alter_table(table, away)], [], []) if before.type != after.type else ([], away, [])
    if old is None:
        required = [f"{_column(after)} SET NOT NULL"] if before.nullable else []
        return [], [*required, f"{_column(after)} ADD {render.identity(after)}"], [_follow(after, table, None)]
    parts = [f"SET GENERATED {new.mode.upper()}"] if old.mode != new.mode else []
    option_clauses = sequence_options.sql(new.options, old.options, set_=True)
    inside = sequence_options.move_into_bounds(sequence(before, table), new.options, old.options)
    action = f"{_column(after)} {' '.join([*parts, option_clauses]).strip()}"
    return [*inside], [action], _follow_up(before, after, table, None)


def _follow(column: Column, table: Ref, sequence_ref: Ref | None) -> str:
    """Let a sequence continue after the last number in the table, or begin at its start value if there is none."""
    assert column.identity is not None
    name, first = names.quote(column.name), first_number(dict(column.identity.options))
    target = literal(names.of(sequence_ref)) if sequence_ref else ""
    target = target or f"pg_get_serial_sequence({literal(names.of(table))}, {literal(column.name)})"
    following = f"GREATEST(MAX({name}), {first - 1}) + 1"
    if counts_down(column.identity.options):
        following = f"LEAST(MIN({name}), {first + 1}) - 1"
    return f"SELECT setval({target}, {following}, false) FROM {names.of(table)}"


def _follow_up(before: Column, after: Column, table: Ref, sequence_ref: Ref | None) -> list[str]:
    """Let a sequence that changes its direction continue after the existing numbers."""
    assert before.identity is not None and after.identity is not None
    return (
        [_follow(after, table, sequence_ref)]
        if changes_direction(after.identity.options, before.identity.options)
        else []
    )


def _from_serial(before: Column, after: Column, table: Ref) -> Parts:
    serial = sequence(before, table)
    if after.identity is None:
        away = [] if after.default is not None else [f"{_column(after)} DROP DEFAULT"]
        return [], away, [f"DROP SEQUENCE {names.of(serial)}"]
    old = serial._replace(name=names.clip(serial.name, 59) + "_old")
    made = owned_sequence_name(after, table)
    first = [
        f"ALTER SEQUENCE {names.of(serial)} OWNED BY NONE",
        f"ALTER SEQUENCE {names.of(serial)} RENAME TO {names.quote(old.name)}",
    ]
    actions = [f"{_column(after)} DROP DEFAULT", f"{_column(after)} ADD {render.identity(after)}"]
    last = [
        f"SELECT setval({literal(names.of(made))}, last_value, is_called) FROM {names.of(old)}",
        f"DROP SEQUENCE {names.of(old)}",
    ]
    return first, actions, last


def _to_serial(before: Column, after: Column, table: Ref) -> Parts:
    made = sequence(after, table)
    owner = f"AS {types.sql(after.type)} OWNED BY {render.column_path(table, after.name)}"
    option_clauses = sequence_options.sql(after.identity.options) if after.identity else ""
    owner = f"{owner} {option_clauses}".rstrip()
    next_value = f"{_column(after)} SET DEFAULT nextval({literal(names.of(made))}::regclass)"
    if before.identity is None:
        return [f"CREATE SEQUENCE {names.of(made)} {owner}"], [next_value], [_follow(after, table, made)]
    identity_sequence = sequence(before, table)
    new = made._replace(name=names.clip(made.name, 59) + "_new")
    first = [
        f"CREATE SEQUENCE {names.of(new)} {owner}",
        f"SELECT setval({literal(names.of(new))}, last_value, is_called) FROM {names.of(identity_sequence)}",
    ]
    last = [f"ALTER SEQUENCE {names.of(new)} RENAME TO {names.quote(made.name)}"]
    return first, [f"{_column(after)} DROP IDENTITY", next_value.replace(names.of(made), names.of(new))], last


# -- generated columns --------------------------------------------------------------------------------------------


def recreated(before: Column, after: Column, server: Server) -> bool:
    """Whether the column must be dropped and added again: PostgreSQL cannot make a plain column a generated one, and
    changes an expression in place only since version 17."""
    if after.computed is None:
        return before.computed is not None and (before.computed.stored is False or server.version < (13,))
    if before.computed is None:
        return True
    if before.computed.stored != after.computed.stored:
        return True
    return before.computed != after.computed and (server.version < (17,) or _changes_type(before, after))


def _recreate(after: Column, table: Ref, schemas: tuple[Schema, Schema]) -> tuple[str, ...]:
    actions = [f"DROP COLUMN {names.quote(after.name)}", f"ADD COLUMN {render.column(after)}"]
    return (*alter_table(table, actions), *restore_members(table, [after], schemas))


def recreated_for(change: Change, schemas: tuple[Schema, Schema], server: Server) -> frozenset[Ref]:
    """Columns that ``alter`` drops and adds again for a change or its inverse."""
    match change:
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table):
            if recreated(old, new, server) or recreated(new, old, server):
                return frozenset((change.ref,))
            if _changes_type(old, new):
                return frozenset(
                    column_ref(table, column.name) for column in generated_from(table, {new.name}, schemas)
                )
    return frozenset()


def generated_from(table: Ref, changed: set[str], schemas: tuple[Schema, Schema]) -> list[Column]:
    """Generated columns that read a column whose type changes, which the server refuses."""
    before, after = (schema.get(table) for schema in schemas)
    if not isinstance(before, Table) or not isinstance(after, Table):
        return []
    return [
        column
        for name, column in after.columns.items()
        if column.computed is not None
        and name in before.columns
        and before.columns[name].computed is not None
        and not changed.isdisjoint(_read_by(before.columns[name], before) | _read_by(column, after))
    ]


def _read_by(column: Column, table: Table) -> set[str]:
    if column.computed is None:
        return set()
    types_of = {name: other.type for name, other in table.columns.items()}
    return set(mentioned_columns(column.computed.expression.text, types_of))


def restore_members(
    table: Ref, recreated: list[Column], schemas: tuple[Schema, Schema], besides: Sequence[Member] = ()
) -> tuple[str, ...]:
    """Statements that restore the comments, constraints and indexes of columns that were dropped and added again."""
    gone = {column.name for column in recreated}
    statements = [statement for column in recreated for statement in render.column_extras(column, table)]
    for member in untouched_members(table, schemas):
        if member not in besides and not gone.isdisjoint(member.column_names()):
            statements += render.add_member(member)
    return tuple(statements)


def untouched_members(table: Ref, schemas: tuple[Schema, Schema]) -> list[Member]:
    """Members of a table that are the same before and after, apart from the comment."""
    before, after = schemas
    members = (item for item in after.members(table) if isinstance(item, Member))
    return [item for item in members if item.same_but_comment(before.get(item.ref))]


def bound_members(table: Ref, changed: set[str], schemas: tuple[Schema, Schema]) -> list[Member]:
    """Untouched constraints and indexes with an expression over a column whose type changes.

    The server would keep them with casts to the old type, or refuse the change; dropped and created again, they are
    unchanged.
    """
    return [
        member
        for member in untouched_members(table, schemas)
        if not changed.isdisjoint(member.column_names()) and _has_expression(member)
    ]


def _has_expression(member: Member) -> bool:
    if isinstance(member, Check):
        return True
    if isinstance(member, Index):
        return member.where is not None or any(element.expression for element in member.elements)
    return isinstance(member, Exclude) and (
        member.where is not None or any(element.expression for element, _ in member.elements)
    )
