"""Partitions: CREATE TABLE ... PARTITION OF, ATTACH, DETACH, and indexes that are built partition by partition.

A new partition is created beside its table and attached where writers must not wait: ATTACH takes SHARE UPDATE EXCLUSIVE, and
PARTITION OF an ACCESS EXCLUSIVE lock on the whole table (version 17, CREATE TABLE, "PARTITION OF"). One whose bounds change is
detached and attached in one transaction, with all that it has. One that is dropped is detached CONCURRENTLY first, if it has
no default partition beside it, which that does not allow (ALTER TABLE, "DETACH PARTITION").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dbwarden.core.dialect import Server
from dbwarden.core.model import Index, Member, Partition, PrimaryKey, Schema, Table, Unique
from dbwarden.core.types import Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import Irreversible, Unsupported

from . import implicit_names, names
from .renderer import render

# -- created ------------------------------------------------------------------------------------------------------------


def create(partition: Partition) -> Iterator[str]:
    """CREATE TABLE ... PARTITION OF, with all that the partition has of its own. Raises ``Irreversible``."""
    if partition.lost:
        reason = f"its partitions would not come back as they are ({', '.join(partition.lost)})"
        raise Irreversible(subject=f"the drop of {partition.ref}", reason=reason)
    yield f"{_create(partition)} PARTITION OF {names.of(partition.of)} {partition.bounds}{_tail(partition)}"
    yield from _details(partition)


def create_beside(partition: Partition, server: Server) -> Iterator[str]:
    """CREATE TABLE ... LIKE the parent, then ATTACH: a weaker lock than ``create``. Raises ``Irreversible``."""
    if partition.lost:
        yield from create(partition)
    kinds = ("DEFAULTS", "CONSTRAINTS", "GENERATED", "STORAGE", *(("COMPRESSION",) if server.version >= (14,) else ()))
    including = " ".join(f"INCLUDING {kind}" for kind in kinds)
    yield f"{_create(partition)} (LIKE {names.of(partition.of)} {including}){_tail(partition)}"
    yield _attach(partition)
    yield from _details(partition)


def _create(partition: Partition) -> str:
    unlogged = "UNLOGGED " if partition.options.get("unlogged") == "true" else ""
    return f"CREATE {unlogged}TABLE {names.of(partition.ref)}"


def _tail(partition: Partition) -> str:
    return render.table_tail(as_table(partition))


def _details(partition: Partition) -> Iterator[str]:
    if partition.comment is not None:
        yield f"COMMENT ON TABLE {names.of(partition.ref)} IS {literal(partition.comment)}"
    yield from partition.sql  # the owner comes last


def as_table(partition: Partition) -> Table:
    """The partition as the table that it is, without columns."""
    return Table(partition.name, {}, partition.schema, partition.comment, partition.options)


# -- dropped and changed ----------------------------------------------------------------------------------------------------


def drop(partition: Partition, table: Ref, schemas: tuple[Schema, Schema], concurrently: bool) -> tuple[str, ...]:
    """DROP TABLE; ``concurrently`` after DETACH, if its parent stays and PostgreSQL allows it."""
    before, after = schemas
    former, remaining = before.get(table), after.get(table)
    dropped = f"DROP TABLE {names.of(partition.ref)}"
    if not concurrently or not isinstance(former, Table) or not isinstance(remaining, Table):
        return (dropped,)
    parent_stays = partition.of == table or any(item.ref == partition.of for item in remaining.partitions)
    siblings = [item for item in former.partitions if item.of == partition.of]
    if not parent_stays or any(is_default(item) for item in siblings):
        return (dropped,)
    return (f"ALTER TABLE {names.of(partition.of)} DETACH PARTITION {names.of(partition.ref)} CONCURRENTLY", dropped)


def is_default(partition: Partition) -> bool:
    """Whether it takes the rows of no other partition."""
    return partition.bounds.text.strip().upper() == "DEFAULT"


def move(partition: Partition, table: Ref, schemas: tuple[Schema, Schema]) -> tuple[str, ...]:
    """DETACH and ATTACH for all partitions of a table whose bounds or parent change: all statements with the first of them,
    because none may be attached while another one has its rows."""
    moved = list(_moved(table, schemas))
    if not moved or partition.ref != moved[0][0].ref:
        return ()
    detached = [f"ALTER TABLE {names.of(old.of)} DETACH PARTITION {names.of(old.ref)}" for old, _ in moved]
    return (*detached, *(_attach(new) for _, new in moved))


def _moved(table: Ref, schemas: tuple[Schema, Schema]) -> Iterator[tuple[Partition, Partition]]:
    before, after = (schema.get(table) for schema in schemas)
    if isinstance(before, Table) and isinstance(after, Table):
        wanted = {item.ref: item for item in after.partitions}
        for old in sorted(before.partitions, key=lambda item: item.ref.key):
            new = wanted.get(old.ref)
            if new is not None and (old.bounds, old.of) != (new.bounds, new.of):
                yield old, new


def attach(partition: Partition) -> tuple[str, ...]:
    """ATTACH of a table that exists; its rows are checked."""
    return (_attach(partition),)


def detach(partition: Partition, table: Ref, schemas: tuple[Schema, Schema]) -> tuple[str, ...]:
    """DETACH of a partition that stays as a table. Raises ``Irreversible`` if it has an index of its parent that this table
    has not."""
    before, after = schemas
    target = partition.ref._replace(kind="table")
    own = [_shape(item) for item in after.members(target) if isinstance(item, Index | Unique | PrimaryKey)]
    for item in before.members(table):
        if isinstance(item, Index | Unique | PrimaryKey) and _shape(item) not in own:
            reason = f"as a partition it has the {item.ref}, which would stay: detach it in a migration of your own"
            raise Irreversible(subject=f"the change of {partition.ref} to a table", reason=reason)
    return (f"ALTER TABLE {names.of(partition.of)} DETACH PARTITION {names.of(partition.ref)}",)


def _shape(member: Index | Unique | PrimaryKey) -> Member:
    """A member without its table and name."""
    return replace(member, table=Ref("table", ""), name=None, implicit=False, comment=None)


def _attach(partition: Partition) -> str:
    return f"ALTER TABLE {names.of(partition.of)} ATTACH PARTITION {names.of(partition.ref)} {partition.bounds}"


def ensure_same_key(before: Partition, after: Partition) -> None:
    """Raise ``Unsupported`` if a partition becomes a partitioned table or stops being one."""
    if before.options.get("partition_by") != after.options.get("partition_by"):
        reason = "partition_by of a partition that exists cannot be changed: detach it and create a new one"
        raise Unsupported(feature=str(after.ref), dialect="PostgreSQL", reason=reason)


# -- indexes --------------------------------------------------------------------------------------------------------------


def build_each(index: Index, schemas: tuple[Schema, Schema]) -> tuple[str, ...] | None:
    """CREATE INDEX ON ONLY the table, CONCURRENTLY on each partition, and ATTACH; ``None`` if not all partitions of the table
    are declared, or some change: those that another database has would stay without the index."""
    before, after = (schema.get(index.table) for schema in schemas)
    if not isinstance(before, Table) or not isinstance(after, Table) or not after.partitions:
        return None
    if set(before.partitions) != set(after.partitions) or not all(item.declared for item in after.partitions):
        return None
    used = {ref.name for schema in schemas for ref in schema}
    built = {index.table: index}
    created, attached = [_on_only(index)], list[str]()
    for item in after.partitions:
        table = Ref("table", item.name, item.schema)
        built[item.ref] = part = _of_partition(index, table, used)
        created.append(_on_only(part) if item.options.get("partition_by") else render.index(part, "CONCURRENTLY"))
        parent = built[item.of]
        attached.append(f"ALTER INDEX {_name(parent)} ATTACH PARTITION {_name(part)}")
    return (*created, *reversed(attached))


def _of_partition(index: Index, table: Ref, used: set[str]) -> Index:
    unnamed = replace(index, table=table, name=None, implicit=False, comment=None)
    name = implicit_names.free_name(unnamed, frozenset(used))
    used.add(name)
    return replace(unnamed, name=name)


def _on_only(index: Index) -> str:
    table = names.of(index.table)
    return render.index(index).replace(f" ON {table}", f" ON ONLY {table}", 1)


def _name(index: Index) -> str:
    return names.qualified(index.name or "", index.table.schema)
