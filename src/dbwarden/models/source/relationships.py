"""Relationships between mapped classes, from the foreign keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dbwarden.core.model import ForeignKey
from dbwarden.core.types import Ref

from .code import Code, call, quoted
from .identifiers import attribute
from .tables import TableSource


@dataclass(slots=True)
class ModelClass:
    """A table with a primary key as a class: ``attributes`` by column, ``relationships`` in the order of their names."""

    name: str
    source: TableSource
    attributes: dict[str, str]
    relationships: list[Relationship] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The names in use in the class."""
        return {*self.attributes.values(), *(one.name for one in self.relationships)}


@dataclass(frozen=True, slots=True)
class Relationship:
    """``name: Mapped[annotation] = relationship(...)``; ``target`` is the other class."""

    name: str
    annotation: str
    code: Code
    target: str


def add_relationships(classes: Mapping[Ref, ModelClass], links: Sequence[TableSource]) -> None:
    """Give the classes a relationship for each foreign key, in both directions, and one for each table of ``links``, which
    has nothing but two foreign keys."""
    pairs = Counter(
        frozenset((key.table, key.ref_table)) for mapped in classes.values() for key in mapped.source.foreign_keys
    )
    for mapped in classes.values():
        for key in mapped.source.foreign_keys:
            other = classes.get(key.ref_table)
            if other is not None:
                _reference(mapped, other, key, pairs[frozenset((key.table, key.ref_table))] > 1)
    for link in links:
        first, second = link.foreign_keys
        ends = classes.get(first.ref_table), classes.get(second.ref_table)
        if ends[0] is not None and ends[1] is not None:
            _many_to_many(link, (ends[0], first), (ends[1], second))


def is_link(source: TableSource) -> bool:
    """Whether a table has nothing but two foreign keys, which together are its primary key."""
    keys = source.foreign_keys
    columns = [name for key in keys for name in key.columns]
    key_columns = source.primary_key.columns if source.primary_key else ()
    return len(keys) == 2 and sorted(columns) == sorted(source.table.columns) == sorted(key_columns)


def _reference(mapped: ModelClass, other: ModelClass, key: ForeignKey, several: bool) -> None:
    overlapping = any(item is not key and set(item.columns) & set(key.columns) for item in mapped.source.foreign_keys)
    itself = mapped is other
    role = _role(key)
    name = attribute(role or _snake(other.name), mapped.names)
    one = key.columns in mapped.source.unique
    plural = _snake(mapped.name) if one else mapped.source.table.name
    if itself:
        plural = "children" if role == "parent" else f"{plural}_by_{name}"
    elif several:
        plural = f"{plural}_by_{name}"
    nullable = any(mapped.source.table.columns[column].nullable for column in key.columns)
    ambiguous = itself or several
    columns = ", ".join(f"{mapped.name}.{mapped.attributes[column]}" for column in key.columns)
    remote = ", ".join(f"{other.name}.{other.attributes[column]}" for column in key.ref_columns)
    options: dict[str, Code | None] = {
        "foreign_keys": quoted(f"[{columns}]") if ambiguous else None,
        "remote_side": quoted(f"[{remote}]") if itself else None,
    }
    annotation = quoted(other.name) if not nullable else quoted(f"{other.name} | None")
    if overlapping:
        code = call("relationship", **options, viewonly="True")
        mapped.relationships.append(Relationship(name, _optional(other.name, nullable), code, other.name))
        return
    back = attribute(plural, other.names | ({name} if itself else set()))
    mapped.relationships.append(
        Relationship(name, annotation, call("relationship", **options, back_populates=quoted(back)), other.name)
    )
    reverse: dict[str, Code | None] = {"foreign_keys": quoted(f"[{columns}]") if ambiguous else None}
    many = quoted(f"{mapped.name} | None") if one else f"list[{quoted(mapped.name)}]"
    other.relationships.append(
        Relationship(back, many, call("relationship", **reverse, back_populates=quoted(name)), mapped.name)
    )


def _optional(name: str, nullable: bool) -> str:
    return quoted(f"{name} | None") if nullable else quoted(name)


def _many_to_many(
    link: TableSource, first: tuple[ModelClass, ForeignKey], second: tuple[ModelClass, ForeignKey]
) -> None:
    (one, one_key), (other, other_key) = first, second
    table = link.table.ref
    secondary = quoted(f"{table.schema}.{table.name}" if table.schema else table.name)
    itself = one is other
    names = [_link_name(other, other_key, itself), _link_name(one, one_key, itself)]
    there = attribute(names[0], one.names)
    back = attribute(names[1], other.names | ({there} if itself else set()))
    joins = [_join(link, one, one_key), _join(link, other, other_key)] if itself else [None, None]
    for mapped, target, name, opposite, own, far in (
        (one, other, there, back, joins[0], joins[1]),
        (other, one, back, there, joins[1], joins[0]),
    ):
        code = call(
            "relationship", secondary=secondary, primaryjoin=own, secondaryjoin=far, back_populates=quoted(opposite)
        )
        mapped.relationships.append(Relationship(name, f"list[{quoted(target.name)}]", code, target.name))


def _link_name(target: ModelClass, key: ForeignKey, itself: bool) -> str:
    return f"{target.source.table.name}_by_{_role(key) or key.columns[0]}" if itself else target.source.table.name


def _join(link: TableSource, mapped: ModelClass, key: ForeignKey) -> Code:
    table = link.table.ref
    path = f"{table.schema}.{table.name}" if table.schema else table.name
    pairs = zip(key.columns, key.ref_columns, strict=True)
    terms = (
        f"{mapped.name}.{mapped.attributes[there]} == Base.metadata.tables[{path!r}].c[{here!r}]"
        for here, there in pairs
    )
    return "lambda: sa.and_(" + ", ".join(terms) + ")"


def _role(key: ForeignKey) -> str | None:
    """What the column calls the other row: ``author_id`` -> ``author``."""
    if len(key.columns) != 1:
        return None
    name = key.columns[0]
    for ending in ("_id", "_uuid", "_key", "Id"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return None


def _snake(name: str) -> str:
    return "".join(
        f"_{letter.lower()}" if letter.isupper() and at else letter.lower() for at, letter in enumerate(name)
    )


def targets(mapped: ModelClass) -> Iterator[str]:
    """The other classes that the relationships of a class name."""
    for one in mapped.relationships:
        if one.target != mapped.name:
            yield one.target
