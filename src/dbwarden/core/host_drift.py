"""Compares the hosts of a cluster with one another: each has definitions of its own, which should be equal.

What most hosts have is the measure, and among equal numbers what the host of the connection has. So one host that was left
out of a change is named, and not all others. Definitions that are equal on all hosts are not compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from .change_text import differences
from .dialect import ClusterHost, SchemaDialect
from .model import Object, Schema
from .types import Ref

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class HostState:
    """What a host of a cluster has; without a schema it did not answer."""

    host: ClusterHost
    schema: Schema | None = None
    """Its definitions. Hosts with the same ones share the object, so that they are compared once."""
    version: str = ""
    macros: Mapping[str, str] = field(default_factory=dict)
    """Names and values that it puts into definitions."""
    identity: tuple[str, ...] = ()
    """What no two hosts may share (shard and replica), if that is known."""
    error: str = ""
    """Why it did not answer, if that is known."""


@dataclass(frozen=True, slots=True)
class HostDifference:
    """How one host differs from the others."""

    host: str
    text: str

    def __str__(self) -> str:
        return f"{self.host}: {self.text}"


def host_differences(states: Sequence[HostState], dialect: SchemaDialect) -> tuple[HostDifference, ...]:
    """Hosts that do not answer, and differences between the others, in the order of the hosts."""
    answering = [state for state in states if state.schema is not None]
    usual_version = _usual([(state.version, 1, state.host.local) for state in answering]) if answering else ""
    names = {name for state in answering for name in state.macros}
    usual_schema, variants = _usual_schema(answering)
    drift = {id(schema): _drift(schema, usual_schema, dialect) for schema in variants}
    twins = _twins(answering)
    lines: list[HostDifference] = []
    for state in states:
        name = state.host.name
        if state.schema is None:
            texts = [f"does not answer{f' ({state.error})' if state.error else ''}"]
        else:
            texts = list(_settings(state, usual_version, names, twins.get(name)))
            texts += drift[id(state.schema)]
        lines += [HostDifference(name, text) for text in texts]
    return tuple(lines)


def _usual(values: Sequence[tuple[Value, int, bool]]) -> Value:
    """The most frequent value; among equally frequent ones that of the local host, else the first."""
    counts: Counter[Value] = Counter()
    preferred = {value for value, _, local in values if local}
    for value, number, _ in values:
        counts[value] += number
    return max(counts, key=lambda value: (counts[value], value in preferred))


def _usual_schema(states: Sequence[HostState]) -> tuple[Schema, list[Schema]]:
    """The schema of what most hosts have, and the different schemas."""
    variants: dict[int, tuple[Schema, int, bool]] = {}
    for state in states:
        assert state.schema is not None
        _, number, local = variants.get(id(state.schema), (state.schema, 0, False))
        variants[id(state.schema)] = (state.schema, number + 1, local or state.host.local)
    schemas = [schema for schema, _, _ in variants.values()]
    if len(schemas) < 2:
        return (schemas[0] if schemas else Schema()), schemas
    refs: dict[Ref, None] = {ref: None for schema in schemas for ref in schema}
    items: list[Object | None] = [
        _usual([(schema.get(ref), number, local) for schema, number, local in variants.values()]) for ref in refs
    ]
    return Schema(item for item in items if item is not None), schemas


def _drift(schema: Schema, usual: Schema, dialect: SchemaDialect) -> tuple[str, ...]:
    if schema is usual:
        return ()
    if not schema and len(usual) > 1:
        return (f"has none of the {len(list(usual.tables()))} tables of the other hosts",)
    return differences(schema, usual, dialect)


def _settings(state: HostState, usual_version: str, names: set[str], twin: str | None) -> Iterator[str]:
    if state.version != usual_version:
        yield f"has version {state.version}, the others {usual_version}"
    missing = sorted(names - state.macros.keys())
    if missing:
        yield f"lacks the macro {', '.join(f'{{{name}}}' for name in missing)}"
    if twin is not None:
        yield f"says that it is the replica {'/'.join(state.identity)}, as {twin} does"


def _twins(states: Sequence[HostState]) -> dict[str, str]:
    """Hosts with the identity of an earlier host, and that host."""
    first: dict[tuple[str, ...], str] = {}
    twins: dict[str, str] = {}
    for state in states:
        earlier = first.setdefault(state.identity, state.host.name) if state.identity else state.host.name
        if earlier != state.host.name:
            twins[state.host.name] = earlier
    return twins
