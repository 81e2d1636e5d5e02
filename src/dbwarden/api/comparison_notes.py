"""Notes about objects that a comparison does not change."""

from __future__ import annotations

from collections.abc import Sequence

from dbwarden.core import kinds
from dbwarden.core.model import Table
from dbwarden.core.types import Ref

_SHOWN = 5


def partitions_of(table: Table) -> str:
    """Partitions of a table as text: `` (partitions p1, p2 and 3 more)``."""
    return f" (partitions {_listed([partition.name for partition in table.partitions])})"


def other_product(product: str, expected: str) -> str:
    """Note for a server of another product of the same family than ``database_type`` says."""
    return f"The server is {product}, although database_type is {expected}: SQL is written for {product}."


def mapped_partition(model: Ref, table: Ref) -> str:
    """Note for a model of a partition."""
    return f"A model is mapped to {model.name}, which is a partition of {table}: it is left alone and changes with its table."


def mapped_view(view: Ref) -> str:
    """Note for a model of a view or virtual table."""
    kind = kinds.title(view.kind)
    return f"A model is mapped to {view}, so it is left alone. To make a table of it, drop the {kind} first."


def stub(table: Ref, columns: Sequence[str]) -> str:
    """Note for a table of another owner, of which the model leaves out ``columns``."""
    return (
        f"{table} is left as the database has it ({_listed(columns)} included): the models describe only what foreign keys"
        " refer to, and no generated migration created it. Where it belongs to somebody else, say so: leave it out of"
        " model_tables, or name it in ignore_tables."
    )


def created_without_default(column: Ref) -> str:
    """Note for a new column whose model has ``FetchedValue()`` as its default."""
    return (
        f"{column} is created without a default: its model says FetchedValue(), which does not describe one. Write the"
        " default into the file, or give the column a server_default."
    )


def runner_leftovers(refs: Sequence[Ref]) -> str:
    """Note for objects of a program that changes tables, which is at work or has left them."""
    triggers_first = sorted(refs, key=lambda ref: ref.kind != "trigger")
    return (
        f"Of a program that changes tables: {_listed([str(ref) for ref in triggers_first])}. They are neither compared nor"
        " changed. If no such program is at work, drop them, triggers first."
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return f"{', '.join(names[:_SHOWN])}{f' and {more} more' if more > 0 else ''}"
