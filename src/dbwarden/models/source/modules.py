"""Modules with the models of a schema: one for all of it, or a package with one for each table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import Enum, Schema, Table
from dbwarden.core.model import Sequence as CoreSequence
from dbwarden.core.types import Ref
from dbwarden.errors import Unsupported

from ..emit import Emitter
from . import declarations
from .code import INDENT, Argument, Code, Enclosed, call, lines, quoted
from .files import Block, Files, ModelsLayout
from .foreign_table import foreign_arguments
from .identifiers import attribute, class_name
from .partitions import partition_arguments
from .relationships import ModelClass, add_relationships, is_link, targets
from .row_security import security_arguments
from .tables import ColumnSource, TableSource, TableSources
from .types import TypeSource, TypeSources, enum_code, enum_imports, shared


@dataclass(frozen=True, slots=True)
class ModelsSource:
    """Texts of the modules by file name; ``notes`` are the objects that they do not describe."""

    modules: Mapping[str, str]
    classes: tuple[str, ...]
    tables: tuple[str, ...]
    """Names of the tables that are no classes."""
    notes: tuple[Ref, ...]


def models_source(schema: Schema, dialect: SchemaDialect, drivername: str, layout: ModelsLayout) -> ModelsSource:
    """The source of models from which SQLAlchemy creates ``schema``, as far as it has constructs for its objects.

    Raises ``Unsupported`` for an engine that SQLAlchemy itself has no dialect of.
    """
    writer = _Writer(schema, dialect, Emitter(dialect, drivername), layout)
    if not writer.types.package:
        reason = "SQLAlchemy itself has no dialect of it, and each package that does declares tables in its own way"
        raise Unsupported(feature="writing models", dialect=dialect.server.product or dialect.name, reason=reason)
    blocks = writer.blocks()
    files = Files(layout, writer.types.package, writer.types.module_name)
    modules = dict(files.single(blocks) if layout.single_file else files.package(blocks))
    return ModelsSource(
        modules,
        tuple(mapped.name for mapped in writer.classes.values()),
        tuple(source.table.name for source in writer.plain),
        tuple(writer.left_out()),
    )


class _Writer:
    """Collects the blocks of the source."""

    def __init__(self, schema: Schema, dialect: SchemaDialect, emitter: Emitter, layout: ModelsLayout) -> None:
        self.schema, self.layout = schema, layout
        self.types = TypeSources(dialect, emitter, schema)
        sources = TableSources(dialect, schema, self.types)
        self.sources = [sources.of(table) for table in schema.tables()]
        links = [source for source in self.sources if layout.relationships and is_link(source)]
        self.plain = [source for source in self.sources if source.primary_key is None or source in links]
        self.classes: dict[Ref, ModelClass] = {}
        taken: set[str] = {"Base", self.types.module_name}
        for source in self.sources:
            if source not in self.plain:
                name = class_name(source.table.name, taken)
                taken.add(name)
                self.classes[source.table.ref] = ModelClass(name, source, self._attributes(source.table))
        if layout.relationships:
            add_relationships(self.classes, links)
        self.imports = self._declared_members(taken)
        self.constants = self._constants()
        by_columns = {
            column.column.type.ref for source in self.sources for column in source.columns if column.type.whole
        }
        self.declared = declarations.declared(schema, dialect, {ref for ref in by_columns if ref is not None})

    def _attributes(self, table: Table) -> dict[str, str]:
        names: dict[str, str] = {}
        for column in table.columns:
            names[column] = attribute(column, {*names.values(), self.types.module_name})
        return names

    def left_out(self) -> Iterator[Ref]:
        """The objects that the models do not describe."""
        for source in self.sources:
            yield from (ref for ref in source.notes if ref not in self.declared)
        for ref, item in self.schema.items():
            described = isinstance(item, Table | Enum | CoreSequence) or ref.table is not None or ref in self.declared
            if not described and ref.kind not in ("namespace", "domain", "partition"):
                yield ref

    # -- types that several columns share

    def _constants(self) -> dict[str, tuple[str, TypeSource]]:
        """Name of the constant, and type, by the name of the enum or domain."""
        columns = [column.type for source in self.sources for column in source.columns]
        counts = Counter(name for type_ in columns if (name := shared(type_.code)) is not None)
        constants: dict[str, tuple[str, TypeSource]] = {}
        for type_ in columns:
            name = shared(type_.code)
            if name is not None and counts[name] > 1 and name not in constants:
                constants[name] = (attribute(name, {entry[0] for entry in constants.values()}), type_)
        return constants

    def _type_code(self, type_: TypeSource, uses: set[str]) -> Code:
        uses.update(type_.definitions)
        name = shared(type_.code)
        if name in self.constants:
            uses.add(self.constants[name][0])
            return self.constants[name][0]
        return type_.code

    # -- blocks

    def blocks(self) -> list[Block]:
        """The blocks in the order in which they can stand in one module."""
        blocks = [*self._type_classes()]
        for name, type_ in self.constants.values():
            code, declares = lines(f"{name} = ", type_.code), set(type_.declares)
            blocks.append(Block(name, "", code, set(type_.imports), set(type_.definitions), declares=declares))
        blocks += self._free_standing()
        blocks += map(self._class, self.classes.values())
        blocks += map(self._table, self.plain)
        names = {block.name for block in blocks}
        blocks += declarations.blocks(self.declared, {"base", *(block.module for block in blocks)}, names)
        return blocks

    def _type_classes(self) -> Iterator[Block]:
        definitions = {
            name: (text, source.imports)
            for table in self.sources
            for column in table.columns
            for source in (column.type,)
            for name, text in source.definitions.items()
        }
        for name, (text, imports) in definitions.items():
            yield Block(name, "", list(text), {*imports, "from typing import Any"})

    def _free_standing(self) -> Iterator[Block]:
        used = {column.column.type.ref for table in self.sources for column in table.columns}
        for ref, item in self.schema.items():
            if isinstance(item, CoreSequence):
                yield self._sequence(ref, item)
            elif isinstance(item, Enum) and ref not in used:
                block = self._statement(ref, enum_code(item, metadata="Base.metadata"))
                block.declares.update(enum_imports(item))
                yield block

    def _statement(self, ref: Ref, code: Code) -> Block:
        name = attribute(ref.name, {entry[0] for entry in self.constants.values()})
        return Block(name, "", lines(f"{name} = ", code))

    def _sequence(self, ref: Ref, sequence: CoreSequence) -> Block:
        """A sequence of SQLAlchemy's, or a declared one if it has what those lack."""
        named: dict[str, Code | None] = {
            **{key: "True" if value == "true" else value for key, value in sequence.options},
            "data_type": _INTEGERS.get(sequence.type.name) if sequence.type is not None else None,
            "schema": quoted(sequence.schema) if sequence.schema else None,
            "owned_by": quoted(_path(sequence.owned_by)) if sequence.owned_by is not None else None,
            "comment": quoted(sequence.comment) if sequence.comment is not None else None,
        }
        constructor, imported = "sa.Sequence", ""
        if sequence.owned_by is not None or sequence.comment is not None:
            constructor, imported = declarations.import_of(
                "Sequence", {mapped.name for mapped in self.classes.values()}
            )
        block = self._statement(ref, call(constructor, quoted(sequence.name), **named, metadata="Base.metadata"))
        block.declares.update({imported} - {""})
        return block

    def _class(self, mapped: ModelClass) -> Block:
        source = mapped.source
        block = Block(mapped.name, _module_name(source.table), [f"class {mapped.name}(Base):"], _imports(source))
        block.declares.update(self._declares(source))
        block.text.append(f"{INDENT}__tablename__ = {quoted(source.table.name)}")
        arguments = _table_arguments(source)
        if arguments is not None:
            block.text += lines("__table_args__ = ", arguments, INDENT)
        block.text.append("")
        for column in source.columns:
            block.text += self._attribute(mapped.attributes[column.column.name], column, block)
        if mapped.relationships:
            block.text.append("")
        for one in mapped.relationships:
            block.text += lines(f"{one.name}: Mapped[{one.annotation}] = ", one.code, INDENT)
        block.related.update(targets(mapped))
        return block

    def _attribute(self, name: str, column: ColumnSource, block: Block) -> list[str]:
        positional: list[Code] = [quoted(column.column.name)] if name != column.column.name else []
        positional += [self._type_code(column.type, block.uses), *column.arguments]
        named = dict(column.named)
        if column.column.nullable and "primary_key" in named:
            named["nullable"] = "True"
        return lines(f"{name}: Mapped[{column.annotation}] = ", call("mapped_column", *positional, **named), INDENT)

    def _declared_members(self, taken: set[str]) -> dict[Ref, set[str]]:
        """Give the tables the declarations that SQLAlchemy has no construct for; what each of them imports."""
        imports: dict[Ref, set[str]] = {}
        for name, arguments in (
            ("Partition", partition_arguments),
            ("RowLevelSecurity", security_arguments),
            ("ForeignTable", foreign_arguments),
        ):
            constructor, imported = declarations.import_of(name, taken)
            for source in self.sources:
                if codes := list(arguments(source.table, constructor)):
                    source.arguments += codes
                    imports.setdefault(source.table.ref, set()).add(imported)
        return imports

    def _declares(self, source: TableSource) -> set[str]:
        types = (column.type for column in source.columns if shared(column.type.code) not in self.constants)
        return source.declares.union(self.imports.get(source.table.ref, ()), *(type_.declares for type_ in types))

    def _table(self, source: TableSource) -> Block:
        name = attribute(
            source.table.name, {"Base", self.types.module_name, *(entry[0] for entry in self.constants.values())}
        )
        block = Block(name, _module_name(source.table), [], declares=self._declares(source))
        columns: list[Code] = []
        for column in source.columns:
            named = dict(column.named)
            if column.column.nullable == ("primary_key" in named):
                named["nullable"] = str(column.column.nullable)
            code = self._type_code(column.type, block.uses)
            columns.append(call("sa.Column", quoted(column.column.name), code, *column.arguments, **named))
        code = call("sa.Table", quoted(source.table.name), "Base.metadata", *columns, *source.arguments, **source.named)
        block.text = lines(f"{name} = ", code)
        return block


_INTEGERS = {"smallint": "sa.SmallInteger", "integer": "sa.Integer", "int": "sa.Integer", "bigint": "sa.BigInteger"}
"""Types of sequences."""


def _path(column: Ref) -> str:
    return ".".join(part for part in (column.schema, column.table, column.name) if part)


def _table_arguments(source: TableSource) -> Code | None:
    arguments = [Argument("", code) for code in source.arguments]
    named = Enclosed("{", tuple(Argument(f"{quoted(key)}: ", code) for key, code in source.named.items()), "}")
    if not arguments:
        return named if source.named else None
    if source.named:
        arguments.append(Argument("", named))
    return Enclosed("(", tuple(arguments))


def _imports(source: TableSource) -> set[str]:
    return {statement for column in source.columns for statement in column.type.imports}


def _module_name(table: Table) -> str:
    return attribute(re.sub(r"\W+", "_", table.name.lower()), {"base"})
