"""Finds the SQLAlchemy type, as source, that a column's type comes from.

Each candidate is compiled by SQLAlchemy and compared with the type of the database. The first that is equal is taken: generic
types, then those of SQLAlchemy's module for the dialect, at last a class of its own that names the type.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine, UserDefinedType

from dbwarden.core.declared_object import ClauseDeclarations, TypeCall
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import Column, Domain, Enum, Schema, Table
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import DataType
from dbwarden.errors import ModelReadError, Unsupported

from ..columntypes import ColumnTypes
from ..emit import Emitter
from .code import Code, Enclosed, call, flat, items, quoted

_GENERIC = (
    "Boolean", "SmallInteger", "Integer", "BigInteger", "Numeric", "Double", "Float", "String", "Text", "DateTime", "Date",
    "Time", "Interval", "LargeBinary", "JSON", "Uuid", "CHAR", "VARCHAR", "NCHAR", "NVARCHAR", "REAL", "FLOAT", "DECIMAL",
    "TIMESTAMP", "BLOB", "CLOB", "BINARY", "VARBINARY", "UUID", "NUMERIC", "DOUBLE", "DATETIME",
)  # fmt: skip
_ANNOTATIONS = {
    "datetime": ("dt", "import datetime as dt"),
    "decimal": ("decimal", "import decimal"),
    "uuid": ("uuid", "import uuid"),
    "ipaddress": ("ipaddress", "import ipaddress"),
}
"""How annotations name the modules of Python's types."""
ANY = ("Any", "from typing import Any")
_REFUSALS = (SQLAlchemyError, TypeError, ValueError, NotImplementedError, AttributeError, Unsupported, ModelReadError)
"""What constructors and compilers of types raise for arguments that they do not take."""


@dataclass(frozen=True, slots=True)
class TypeSource:
    """A type as source. ``annotation`` is its type in Python, ``imports`` are statements, ``definitions`` classes and
    constants by name."""

    code: Code
    annotation: str
    imports: frozenset[str]
    definitions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    options: Options = NO_OPTIONS
    """Options of the column that the type contains."""
    whole: bool = False
    """Whether it says all of a named type, so that this needs no declaration."""
    declares: frozenset[str] = frozenset()
    """What it takes from ``dbwarden.objects``."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A constructor of a type with arguments."""

    module: str
    name: str
    constructor: Any
    positional: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...]

    def build(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.constructor(*self.positional, **dict(self.named))

    def code(self) -> Code:
        name = f"{self.module}.{self.name}"
        if not self.positional and not self.named:
            return name
        named = {key: _literal(value) for key, value in self.named}
        return call(name, *map(_literal, self.positional), **named)


class TypeSources:
    """The types of a schema as source."""

    def __init__(self, dialect: SchemaDialect, emitter: Emitter, schema: Schema) -> None:
        self.dialect, self.schema = dialect, schema
        self._types = ColumnTypes(dialect, emitter)
        self.keyword_prefix = str(emitter.dialect.name)
        """That of the URL: a server of one product may be reached by the dialect of another."""
        self.clauses = dialect.clause_declarations()
        self.module_name, self._module = _module_of(emitter.dialect, self.clauses)
        self.package = self._module.__name__.rpartition(".")[0] if self._module else ""
        self._known: dict[Any, TypeSource] = {}

    def of(self, column: Column) -> TypeSource:
        """The type of a column with its collation."""
        relevant = Options.of({key: column.options.get(key) for key in _OF_TYPES}) if column.options else NO_OPTIONS
        key = (column.type, column.collation, relevant, column.nullable and self.clauses is not None)
        if key not in self._known:
            self._known[key] = (
                self._source(column.type, column.collation, relevant)
                if self.clauses is None
                else self._called(column)
                or self._own_class(replace(column, default=None, computed=None, options=relevant))
            )
        return self._known[key]

    def _called(self, column: Column) -> TypeSource | None:
        """The type as the dialect writes it, if the module has it."""
        call_ = self.clauses.type_call(column) if self.clauses is not None else None
        if call_ is None:
            return None
        try:
            built = self._built(call_)
            resolved = self._types.of(built, "a candidate")
        except _REFUSALS:
            return None
        if self._canonical(resolved.datatype) != column.type:
            return None
        annotation, imports = _annotation(built, of_package=True)
        return TypeSource(self._code_of(call_), annotation, imports)

    def _built(self, call_: TypeCall) -> Any:
        constructor = getattr(self._module, call_.name)
        arguments = (self._built(one) if isinstance(one, TypeCall) else one for one in call_.arguments)
        return constructor(*arguments, **call_.named)

    def _code_of(self, call_: TypeCall) -> Code:
        name = f"{self.module_name}.{call_.name}"
        if not (call_.arguments or call_.named):
            return name
        arguments = (self._code_of(one) if isinstance(one, TypeCall) else _literal(one) for one in call_.arguments)
        return call(name, *arguments, **{key: _literal(value) for key, value in call_.named.items()})

    def _source(self, datatype: DataType, collation: str | None, options: Options) -> TypeSource:
        if datatype.array:
            return self._array(datatype, collation)
        definition = self.schema.get(datatype.ref) if datatype.ref else None
        if isinstance(definition, Enum):
            return self._enum(definition)
        if isinstance(definition, Domain) and _is_plain(definition):
            return self._domain(definition)
        for candidate in self._candidates(datatype, collation, options):
            try:
                built = candidate.build()
                resolved = self._types.of(built, "a candidate")
            except _REFUSALS:
                continue
            if self._canonical(resolved.datatype) != datatype or resolved.named:
                continue
            if (resolved.collation or None) != collation or resolved.options != options:
                continue
            annotation, imports = _annotation(built)
            return TypeSource(candidate.code(), annotation, imports, options=options)
        return self._own_class(Column("c", datatype, collation=collation, options=options))

    def _canonical(self, datatype: DataType) -> DataType:
        table = Table.of("t", [Column("c", datatype)])
        return self.dialect.canonical(Schema([table])).table(table.ref).columns["c"].type

    def _array(self, datatype: DataType, collation: str | None) -> TypeSource:
        inner = self._source(
            DataType(datatype.name, datatype.args, 0, datatype.modifiers, datatype.ref), collation, NO_OPTIONS
        )
        dimensions = str(datatype.array) if datatype.array > 1 else None
        annotation = inner.annotation
        for _ in range(datatype.array):
            annotation = f"list[{annotation}]"
        code = call("sa.ARRAY", inner.code, dimensions=dimensions)
        return TypeSource(
            code, annotation, inner.imports, inner.definitions, whole=inner.whole, declares=inner.declares
        )

    def _enum(self, enum: Enum) -> TypeSource:
        return TypeSource(enum_code(enum), "str", frozenset(), whole=True, declares=enum_imports(enum))

    def _domain(self, domain: Domain) -> TypeSource:
        base = self._source(domain.type, domain.collation, NO_OPTIONS)
        checks = [(name, expression.text) for name, expression in domain.checks]
        code = call(
            f"{self.module_name}.DOMAIN",
            quoted(domain.name),
            base.code,
            default=call("sa.text", text_literal(domain.default.text)) if domain.default else None,
            constraint_name=quoted(checks[0][0]) if checks else None,
            check=quoted(checks[0][1]) if checks else None,
            not_null="True" if not domain.nullable else None,
            schema=quoted(domain.schema) if domain.schema else None,
        )
        return TypeSource(code, base.annotation, base.imports, base.definitions, whole=True)

    def _own_class(self, column: Column) -> TypeSource:
        """A class of its own for a type that SQLAlchemy does not know, as the column's definition writes it."""
        named = replace(column, name="c", comment=None)
        text = self.dialect.column_sql(named).partition(" ")[2] or self.dialect.type_sql(column.type)
        words = re.findall(r"[A-Za-z0-9]+", text)
        name = "".join(word[0].upper() + word[1:].lower() for word in words) or "Untyped"
        name = f"Type{name}" if name[0].isdigit() else name
        definition = (
            f"class {name}(sa.types.UserDefinedType[Any]):",
            "    cache_ok = True",
            "",
            "    def get_col_spec(self, **_: Any) -> str:",
            f"        return {quoted(text)}",
        )
        return TypeSource(name, "Any", frozenset((ANY[1],)), {name: definition}, column.options)

    # -- candidates

    def _candidates(self, datatype: DataType, collation: str | None, options: Options) -> Iterator[_Candidate]:
        if datatype.name == "enum" and datatype.args:
            yield _Candidate("sa", "Enum", sa.Enum, tuple(map(_value, datatype.args)), ())
        values = tuple(map(_value, datatype.args))
        keyword_sets = list(_keywords(datatype, collation, options))
        for module, name, constructor in self._constructors():
            for positional in dict.fromkeys(((), values)):
                for named in keyword_sets:
                    yield _Candidate(module, name, constructor, positional, named)
            if len(values) == 1:
                for precision in ("precision", "fsp", "display_width"):
                    for named in keyword_sets:
                        yield _Candidate(module, name, constructor, (), ((precision, values[0]), *named))

    def _constructors(self) -> Iterator[tuple[str, str, Any]]:
        for name in _GENERIC:
            if hasattr(sa, name):
                yield "sa", name, getattr(sa, name)
        if self._module is None:
            return
        for name in sorted(vars(self._module)):
            constructor = getattr(self._module, name)
            if isinstance(constructor, type) and issubclass(constructor, TypeEngine) and name not in ("ENUM", "DOMAIN"):
                yield self.module_name, name, constructor


_OF_TYPES = ("charset", "srid")
"""Options of a column that SQLAlchemy writes with its type."""


def _is_plain(domain: Domain) -> bool:
    """Whether SQLAlchemy's construct says all of a domain: it has one check and no comment."""
    return len(domain.checks) < 2 and domain.comment is None and not domain.needs and domain.type.ref is None


def _module_of(sqlalchemy_dialect: Any, clauses: ClauseDeclarations | None) -> tuple[str, ModuleType | None]:
    """The module with the types of a dialect of SQLAlchemy, and its name."""
    if clauses is not None:
        module = import_module(clauses.types_module(str(sqlalchemy_dialect.name)))
        return module.__name__.rpartition(".")[2], module
    package = type(sqlalchemy_dialect).__module__.rpartition(".")[0]
    if package.startswith("sqlalchemy.dialects."):
        return package.rpartition(".")[2], import_module(package)
    return str(sqlalchemy_dialect.name), None


def _keywords(datatype: DataType, collation: str | None, options: Options) -> Iterator[tuple[tuple[str, Any], ...]]:
    """Keyword arguments that the modifiers of a type may stand for."""
    words, named = datatype.modifiers.split(), list[tuple[str, Any]]()
    if "zone" in words and "with" in words:
        named.append(("timezone", True))
    named += [(word, True) for word in ("unsigned", "zerofill") if word in words]
    if collation is not None:
        named.append(("collation", collation))
    if options.get("charset") is not None:
        named.append(("charset", options.get("charset")))
    yield tuple(named)
    if datatype.name.endswith(" varying"):
        yield (*named, ("varying", True))
    if datatype.name.startswith("interval "):
        yield (*named, ("fields", datatype.name.removeprefix("interval ").upper()))


def _annotation(built: Any, *, of_package: bool = False) -> tuple[str, frozenset[str]]:
    """The type of its values in Python. A class of our own does not know it, one ``of_package`` does."""
    try:
        python: type = built.python_type
    except NotImplementedError:
        return ANY[0], frozenset((ANY[1],))
    if python in (dict, list, tuple, object, type(None)) or (isinstance(built, UserDefinedType) and not of_package):
        return ANY[0], frozenset((ANY[1],))
    if python.__module__ == "builtins":
        return python.__name__, frozenset()
    if python.__module__ in _ANNOTATIONS:
        alias, statement = _ANNOTATIONS[python.__module__]
        return f"{alias}.{python.__name__}", frozenset((statement,))
    return ANY[0], frozenset((ANY[1],))


def _value(text: str) -> Any:
    if text.lstrip("-").isdecimal():
        return int(text)
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def _literal(value: Any) -> Code:
    if isinstance(value, str):
        return quoted(value)
    return items(map(_literal, value)) if isinstance(value, list | tuple) else repr(value)


def enum_imports(enum: Enum) -> frozenset[str]:
    """What ``enum_code`` imports from ``dbwarden.objects``."""
    return frozenset(("Enum as DeclaredEnum",)) if enum.comment is not None else frozenset()


def enum_code(enum: Enum, **named: str) -> Code:
    """An enum of SQLAlchemy's, or a declared one if it has a comment, which those lack."""
    comment = quoted(enum.comment) if enum.comment is not None else None
    schema = quoted(enum.schema) if enum.schema else None
    constructor = "DeclaredEnum" if comment is not None else "sa.Enum"
    return call(constructor, *map(quoted, enum.values), name=quoted(enum.name), schema=schema, comment=comment, **named)


def text_literal(sql: str) -> str:
    """SQL as the argument of ``sa.text``, in which a colon before a word would begin a parameter."""
    return quoted(re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql))


def shared(code: Code) -> str | None:
    """The name of a named type that several columns may share; ``None`` for other types."""
    if not isinstance(code, Enclosed):
        return None
    name = next((flat(one.value) for one in code.arguments if one.label == "name="), None)
    if code.opening in ("sa.Enum(", "DeclaredEnum(") and name is not None:
        return name.strip("\"'")
    if code.opening.endswith(".DOMAIN("):
        return flat(code.arguments[0].value).strip("\"'")
    return None
