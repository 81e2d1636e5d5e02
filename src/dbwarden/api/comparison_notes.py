"""Notes about objects that a comparison does not change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from dbwarden.core import kinds
from dbwarden.core.access_right import AccessRight
from dbwarden.core.change import Rename, after_renames
from dbwarden.core.dialect import Dialect
from dbwarden.core.model import Definition, Schema, Table
from dbwarden.core.types import Ref

_SHOWN = 5


def partitions_of(table: Table) -> str:
    """Partitions of a table as text: `` (partitions p1, p2 and 3 more)``."""
    return f" (partitions {_listed([partition.name for partition in table.partitions])})"


def undeclared_partitions(table: Table) -> Iterator[str]:
    """Note for a table of which the models declare some partitions and the database has others."""
    others = [item.name for item in table.partitions if not item.declared]
    if others and len(others) < len(table.partitions):
        listed = _listed(others)
        yield f"{table.ref} also has partitions that no model declares: {listed}. They are left alone."


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


def old_names_kept(
    schema: Schema, renames: Sequence[Rename], dialect: Dialect, replaced: Collection[Ref]
) -> Iterator[str]:
    """Notes about objects whose text names what is renamed, on an engine that leaves their text as it is; those that the plan
    replaces need none."""
    kinds_with_text = dialect.features.keeps_old_names
    if not renames or not kinds_with_text:
        return
    from dbwarden.core.old_names import texts_with_old_names  # deferred: few migrations rename

    later = zip(schema.objects(), after_renames(schema, renames), strict=True)
    definitions = [item for item, ref in later if isinstance(item, Definition) and ref not in replaced]
    for rename, texts in texts_with_old_names(definitions, renames, kinds_with_text, dialect.lexical_rules).items():
        them = "it" if len(texts) == 1 else "them"
        yield (
            f"{rename.old} is renamed to {rename.new.name}, but the server keeps the old name in the text of"
            f" {_listed(list(map(str, texts)))}: create {them} anew after the rename."
        )


def privileges_by_name(renames: Sequence[Rename], desired: Schema, dialect: Dialect) -> Iterator[str]:
    """Notes about tables and columns that are renamed on a server that keeps privileges by name, and whose models declare none, so
    that they are not read and cannot be carried along."""
    if "grant" not in dialect.features.of_server or any(ref.kind == "grant" for ref in desired):
        return
    for rename in renames:
        if rename.old.kind in ("table", "column"):
            yield (
                f"{rename.old} is renamed to {rename.new.name}, but privileges granted on it alone stay with the old name:"
                " grant them anew, or declare them (Grant), so that a rename takes them along."
            )


def undeclared_privileges(refs: Iterable[Ref]) -> Iterator[str]:
    """One text for each grantee with privileges that no model declares: ``privileges of reader (accounts, schema sales)``."""
    places: dict[str, list[str]] = {}
    for ref in refs:
        if ref.kind == "grant":
            grantee, _, outside = ref.name.partition(" on ")
            place = outside or ".".join(part for part in (ref.schema, ref.table) if part)
            listed = places.setdefault(grantee.partition(" (")[0], [])
            listed += [place] if place not in listed else []
    for grantee, names in places.items():
        yield f"privileges of {grantee} ({_listed(names)})"


def rights_left_behind(rights: Sequence[AccessRight], renames: Sequence[Rename]) -> Iterator[str]:
    """Notes about rights that guard a table by its name, which is renamed."""
    for rename in renames:
        left = [str(right) for right in rights if rename.old.kind == "table" and right.table == rename.old.name]
        if left:
            yield (
                f"{rename.old} is renamed to {rename.new.name}, but {_listed(left)} guards the old name: everybody may read all"
                f" rows then. Create it for {rename.new.name} before the rename."
            )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return f"{', '.join(names[:_SHOWN])}{f' and {more} more' if more > 0 else ''}"
