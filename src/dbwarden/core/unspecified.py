"""Keeps properties that the database has and the models do not specify: options, comments, and defaults that the models
leave to the database (``FetchedValue()``).

If the models lack an option that the database has, either the models used to specify it, or somebody set it by hand (a
fillfactor, autovacuum settings, UNLOGGED, a comment on an index). The first is removed, the second is left alone:

1. An option was specified if an applied generated migration wrote it (``WrittenOptions``) or the state file has it
   (``specified_in``).
2. ``preserve_unspecified`` copies all others from the current into the desired schema, so that comparing finds no
   difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import kinds
from .change import Rename
from .dialect import OWN_PREFIX, Dialect
from .model import Column, Definition, Object, Schema, Table, column_ref, dependent_kind
from .options import Options, OptionSpec
from .spelling import fold_ref
from .sqltext import Token, words
from .statement import RENAME_TABLE, Effect
from .tokens import unquoted
from .types import Ref

Specified = Callable[[Ref, str, OptionSpec | None], bool]
"""Whether the models ever specified an object's option, by its name; without an ``OptionSpec``, its comment or dependents."""


def preserve_unspecified(current: Schema, desired: Schema, dialect: Dialect, specified: Specified) -> Schema:
    """``desired`` with what it leaves unspecified copied from ``current``.

    Both schemas and the result are canonical; renames are already applied to ``current``.
    """
    desired = with_initial_options(current, with_undescribed_defaults(current, desired), dialect.options)
    preserving = _Preserving(desired, dialect.options, specified)
    merged: dict[Ref, Object] = {}
    for ref, item in desired.items():
        existing = current.get(ref)
        if existing is not None and existing != item:
            preserved = preserving.merge(existing, item, ref)
            if preserved is not item:
                merged[ref] = preserved
    if not merged:
        return desired
    return dialect.canonical(Schema(merged.get(ref, item) for ref, item in desired.items()))


def with_undescribed_defaults(current: Schema, desired: Schema) -> Schema:
    """``desired`` with the defaults of ``current`` for columns whose default the models leave to the database."""
    described = [_with_defaults(current.get(table.ref), table) for table in desired.tables()]
    changed = {table.ref: table for table in described if table is not None}
    return Schema(changed.get(ref, item) for ref, item in desired.items()) if changed else desired


def with_initial_options(current: Schema, desired: Schema, specs: Mapping[str, tuple[OptionSpec, ...]]) -> Schema:
    """``desired`` with those options of existing tables from ``current`` that count only when a table is created, or that are
    what the database has made of the models' ones."""
    concerned = [spec for spec in specs.get("table", ()) if spec.initial or spec.same is not None]
    changed: dict[Ref, Object] = {}
    for table in desired.tables() if concerned else ():
        existing = current.get(table.ref)
        if isinstance(existing, Table):
            values = {
                spec.key: existing.options.get(spec.key)
                for spec in concerned
                if spec.initial or _is_same(spec, existing.options.get(spec.key), table.options.get(spec.key))
            }
            if any(value != table.options.get(key) for key, value in values.items()):
                changed[table.ref] = replace(table, options=table.options.with_(**values))
    return Schema(changed.get(ref, item) for ref, item in desired.items()) if changed else desired


def _is_same(spec: OptionSpec, existing: str | None, stated: str | None) -> bool:
    return spec.same is not None and existing is not None and stated is not None and spec.same(existing, stated)


def without_default(current: Schema, desired: Schema) -> tuple[Ref, ...]:
    """The new columns whose default the models leave to the database, which cannot have one yet."""
    return tuple(
        column_ref(table.ref, name)
        for table in desired.tables()
        for name, column in table.columns.items()
        if column.default_undescribed and not _has_column(current.get(table.ref), name)
    )


def _has_column(table: Object | None, name: str) -> bool:
    return isinstance(table, Table) and name in table.columns


def _with_defaults(existing: Object | None, table: Table) -> Table | None:
    """``table`` with the defaults of ``existing``; ``None`` if no column leaves its default to the database."""
    if not isinstance(existing, Table):
        return None
    columns = {
        name: _with_default(existing.columns[name], column)
        for name, column in table.columns.items()
        if column.default_undescribed and name in existing.columns
    }
    return replace(table, columns={**table.columns, **columns}) if columns else None


def _with_default(existing: Column, column: Column) -> Column:
    """``column`` with the default, identity or expression of ``existing``."""
    if column.default is not None or column.identity is not None or column.computed is not None:
        return column
    return replace(
        column,
        default=existing.default,
        identity=existing.identity,
        computed=existing.computed,
        needs=column.needs | existing.needs,
    )


@dataclass(frozen=True, slots=True)
class _Preserving:
    """Merges the properties that the models leave unspecified, from the database."""

    desired: Schema
    specs: Mapping[str, tuple[OptionSpec, ...]]
    specified: Specified

    def merge(self, existing: Any, item: Any, ref: Ref) -> Any:
        """``item`` with the unspecified properties of ``existing``; ``item`` itself if there are none."""
        values: dict[str, Any] = {}
        uncommented = getattr(item, "comment", "") is None and existing.comment is not None
        if uncommented and not self.specified(ref, "comment", None):
            values["comment"] = existing.comment
        if hasattr(item, "options") and item.options != existing.options:
            values["options"] = self._options(existing, item, ref, ref.kind)
        if isinstance(item, Table) and isinstance(existing, Table):
            values["columns"] = self._columns(existing, item)
        if isinstance(item, Definition) and isinstance(existing, Definition):
            values["dependents"] = self._dependents(existing, item)
            if item.on is not None and existing.on is not None:
                values["on"] = item.on._replace(kind=existing.on.kind)
        if isinstance(item, Column):
            values["identity"] = self._identity(existing, item, ref)
        changed = {name: value for name, value in values.items() if value != getattr(item, name)}
        return replace(item, **changed) if changed else item

    def _dependents(self, existing: Definition, item: Definition) -> tuple[str, ...]:
        """The declared dependents, and those of the database that no model can declare, or none did: owner and privileges stay."""
        stated = set(map(dependent_kind, item.dependents)) - {""}
        others = [
            text for text in existing.dependents if text not in item.dependents and dependent_kind(text) not in stated
        ]
        if any(map(dependent_kind, others)) and self.specified(item.ref, "dependents", None):
            others = [text for text in others if not dependent_kind(text)]
        merged = (*item.dependents, *others)
        return existing.dependents if set(merged) == set(existing.dependents) else merged

    def _columns(self, existing: Table, table: Table) -> Mapping[str, Column]:
        columns = dict(table.columns)
        for name, column in table.columns.items():
            former = existing.columns.get(name)
            if former is not None and former != column:
                columns[name] = self.merge(former, column, column_ref(table.ref, name))
        return columns

    def _identity(self, existing: Column, column: Column, ref: Ref) -> Any:
        former, identity = existing.identity, column.identity
        if former is None or identity is None or former.mode != identity.mode:
            return identity
        return replace(identity, options=self._options(former, identity, ref, "identity"))

    def _options(self, existing: Any, item: Any, ref: Ref, kind: str) -> Options:
        options: Options = item.options
        for spec in self.specs.get(kind, ()):
            if not spec.preserved or (spec.suits is not None and not spec.suits(item, self.desired)):
                continue
            former, stated = spec.split(existing.options.get(spec.key)), spec.split(item.options.get(spec.key))
            unspecified = {
                name: value
                for name, value in former.items()
                if name not in stated and not self.specified(ref, name, spec)
            }
            if unspecified:
                options = options.with_(**{spec.key: spec.join({**stated, **unspecified})})
        return options


def specified_in(schema: Schema) -> Specified:
    """Options that a schema from models or a state file specifies, including written defaults."""

    def specified(ref: Ref, name: str, spec: OptionSpec | None) -> bool:
        item: Any = schema.get(ref)
        if ref.kind == "column":
            table = schema.get(ref.owner)
            item = table.columns.get(ref.name) if isinstance(table, Table) else None
        if item is None:
            return False
        if spec is None:
            return bool(getattr(item, name, None))
        own_options = getattr(item, "options", None)
        numbers = item.identity.options if isinstance(item, Column) and item.identity is not None else None
        return any(
            options is not None and name in spec.split(options.get(spec.key)) for options in (own_options, numbers)
        )

    return specified


# -- what migrations wrote ----------------------------------------------------------------------------------------

_Name = tuple[str | None, str, str | None]
"""Schema and name of a relation or type, and the name of a column of it or ``None``; ``(name, "", None)`` for a schema."""
_Clauses = dict[_Name, set[tuple[str, str]]]
"""The clauses about each object: first word in upper case, and value; a flag has an empty value."""
_INSIDE = "\0"
"""Column name of clauses that may be about any column or constraint of a table."""


@dataclass(slots=True)
class WrittenOptions:
    """The options that generated migrations wrote, collected from their SQL, oldest migration first.

    For each migration the clauses of both directions are compared:

    1. A clause of the upgrade alone was specified by the models.
    2. A clause of the rollback alone is one that the models no longer specify.
    3. A clause of both repeats what existed before (a rebuilt table, a constraint that is added again) and proves nothing.
    """

    dialect: Dialect
    clauses: _Clauses = field(default_factory=dict)

    def specified(self, ref: Ref, name: str, spec: OptionSpec | None) -> bool:
        """Whether a migration wrote the option; callable as ``Specified``."""
        if spec is None and name != "comment":
            return False
        first_words = {_COMMENT} if spec is None else {name.upper()} if spec.pairs else set(spec.words)
        ref = fold_ref(ref, self.dialect.features.caseless_names)
        places = [_place(ref)]
        if spec is not None and (spec.inside or ref.table is not None):
            places.append((ref.schema, ref.table or ref.name, _INSIDE))
        return any(word in first_words for place in places for word, _ in self.clauses.get(place, ()))

    def read(self, upgrade: Iterable[str], rollback: Iterable[str], renames: Iterable[Rename] = ()) -> None:
        """Record the statements of one more migration, after its ``renames``."""
        for rename in renames:
            old, new = (fold_ref(ref, self.dialect.features.caseless_names) for ref in (rename.old, rename.new))
            _move(self.clauses, _place(old), _place(new))
        upgrade_reader, rollback_reader = _StatementReader(self.dialect), _StatementReader(self.dialect)
        upgrade_reader.read(upgrade)
        rollback_reader.read(rollback)
        for place in upgrade_reader.dropped:
            _forget(self.clauses, place)
        for place, clauses in upgrade_reader.clauses.items():
            self.clauses.setdefault(place, set()).update(clauses - rollback_reader.clauses.get(place, set()))
        for place, clauses in rollback_reader.clauses.items():
            self.clauses.get(place, set()).difference_update(clauses - upgrade_reader.clauses.get(place, set()))


class _StatementReader:
    """Collector of the clauses in the statements of one direction."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.clauses: _Clauses = {}
        self.dropped: list[_Name] = []
        specs = [spec for group in dialect.options.values() for spec in group]
        self.flags = {word for spec in specs if spec.default in ("true", "false") for word in spec.words}
        self.undone_by = {undoing: spec.words for spec in specs for undoing in spec.undone_by}

    def read(self, statements: Iterable[str]) -> None:
        for sql in statements:
            tokens = list(words(sql, self.dialect.lexical_rules))
            if tokens and tokens[0].text.upper() == _COMMENT:
                self._comment(tokens)
            else:
                self._statement(sql, [token.text for token in tokens])

    def _statement(self, sql: str, texts: list[str]) -> None:
        facts = self.dialect.facts(sql)
        targets = [fold_ref(ref, self.dialect.features.caseless_names) for ref in facts.targets]
        if not targets:
            return
        place = _place(targets[0])
        if facts.action == RENAME_TABLE:
            if targets[0].name.startswith(OWN_PREFIX) and len(targets) == 2:
                _move(self.clauses, place, _place(targets[1]))
                self.dropped = [name for name in self.dropped if name != _place(targets[1])]
            return
        if Effect.DROPS in facts.effects and facts.action in ("drop table", "drop foreign table"):
            _forget(self.clauses, place)
            self.dropped.append(place)
            return
        outside, inside = _split(texts)
        if Effect.CREATES not in facts.effects and targets[0].kind == "table":
            inside = [*inside, "", *outside]  # a constraint that is added, a column that is altered
        self._write(place, outside)
        self._write((place[0], place[1], _INSIDE), inside)

    def _write(self, place: _Name, texts: list[str]) -> None:
        words = [text.upper() for text in texts]
        if "RESET" in words:
            return
        undone = {word for text in words for word in self.undone_by.get(text, ())}
        for at, word in enumerate(words):
            if word not in undone:
                value = (
                    ""
                    if word in self.flags
                    else next((following for following in words[at + 1 :] if following not in _JOINTS), "")
                )
                self.clauses.setdefault(place, set()).add((word, value))

    def _comment(self, tokens: list[Token]) -> None:
        """COMMENT ON kind path [ON path] IS text."""
        texts = [token.text for token in tokens]
        end = next((at for at, text in enumerate(texts) if text.upper() in ("IS", "ON", "(") and at > 2), len(texts))
        start = 3 + (texts[2].upper() in _FIRST_OF_TWO)
        path = [unquoted(token, self.dialect.lexical_rules) for token in tokens[start:end] if token.text != "."]
        if not path or texts[-1].upper() == "NULL":
            return
        place: _Name = (path[-2] if len(path) > 1 else None, path[-1], None)
        if texts[2].upper() == "COLUMN" and len(path) > 1:
            place = (path[-3] if len(path) > 2 else None, path[-2], path[-1])
        elif texts[2].upper() == "SCHEMA":
            place = (path[-1], "", None)
        self.clauses.setdefault(place, set()).add((_COMMENT, texts[-1]))


_COMMENT = "COMMENT"
_FIRST_OF_TWO = frozenset(("MATERIALIZED", "EVENT", "FOREIGN"))
"""First words of kinds that have two."""
_JOINTS = frozenset(("WITH", "BY", "=", "("))
"""Words between the name of an option and its value."""
_HOLDING = frozenset(("WITH", "SET", "RESET"))
"""Words whose parentheses contain options of the object itself."""


def _place(ref: Ref) -> _Name:
    if ref.kind == "namespace":
        return (ref.name, "", None)
    if ref.kind == "column":
        return (ref.schema, ref.table or "", ref.name)
    # Functions of one name share what was written about them.
    return (ref.schema, ref.name.partition("(")[0] if kinds.of(ref.kind).is_routine else ref.name, None)


def _split(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """The tokens outside of parentheses, with those of the object's own options, and the tokens inside."""
    outside: list[str] = []
    inside: list[str] = []
    depth, before, holding = 0, "", False
    for text in texts:
        if text == "(":
            depth += 1
            holding = holding or (depth == 1 and before in _HOLDING)
        elif text == ")":
            depth -= 1
            holding = holding and depth > 0
        (outside if depth == 0 or holding else inside).append(text)
        before = text.upper()
    return outside, inside


def _forget(clauses: _Clauses, place: _Name) -> None:
    for name in [name for name in clauses if name[:2] == place[:2]]:
        del clauses[name]


def _move(clauses: _Clauses, old: _Name, new: _Name) -> None:
    whole = old[2] is None
    for name in [name for name in clauses if (name[:2] == old[:2] if whole else name == old)]:
        clauses[(new[0], new[1], name[2] if whole else new[2])] = clauses.pop(name)
