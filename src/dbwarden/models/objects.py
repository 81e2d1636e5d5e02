"""What users write for objects and clauses that SQLAlchemy has no construct for, attached to tables and columns.

Each declaration is kept in ``info``, which SQLAlchemy leaves to applications, so that models can be imported without the
driver of the database. A dialect reads those that its engine has; the others ignore them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from types import FrameType
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData, SmallInteger, text
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.schema import SchemaItem
from sqlalchemy.schema import Sequence as SequenceOfSQLAlchemy
from sqlalchemy.types import Enum as EnumOfSQLAlchemy
from sqlalchemy.types import UserDefinedType

INFO = "dbwarden"
"""Key of the declarations in ``info``."""
MEMBERS, OBJECTS, STATEMENTS, TABLES = "members", "objects", "statements", "tables"
"""Keys of the indexes, projections and assumptions of a table, and of the views and functions of a metadata, those with a
CREATE statement apart, and of what SQL files say of the models' tables."""


def declared(info: dict[Any, Any]) -> dict[str, Any]:
    """The declarations in an ``info``."""
    declarations: dict[str, Any] = info.setdefault(INFO, {})
    return declarations


class TableClauses(SchemaItem):
    """Clauses of CREATE TABLE behind the columns, as SQL: ``TableClauses(order_by="(at, id)", ttl="at + INTERVAL 1 YEAR")``.

    It stands in ``__table_args__`` or among the arguments of ``Table``. Beside a table engine of SQLAlchemy's dialect it adds
    what that does not say, and wins where both say something. ``settings`` are names with numbers, booleans or texts.
    """

    def __init__(
        self,
        *,
        engine: str | None = None,
        order_by: str | None = None,
        partition_by: str | None = None,
        primary_key: str | None = None,
        sample_by: str | None = None,
        ttl: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.clauses = {
            "engine": engine,
            "order_by": order_by,
            "partition_by": partition_by,
            "primary_key": primary_key,
            "sample_by": sample_by,
            "ttl": ttl,
            "settings": _settings(settings),
        }

    def _set_parent(self, parent: Any, **_: Any) -> None:
        declared(parent.info).update({key: text for key, text in self.clauses.items() if text is not None})


def column_clauses(
    *,
    materialized: str | None = None,
    alias: str | None = None,
    ephemeral: str | bool | None = None,
    codec: str | None = None,
    ttl: str | None = None,
    statistics: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Clauses of a column as SQL, for ``info``: ``mapped_column(info=column_clauses(codec="ZSTD(3)"))``.

    ``materialized``, ``alias`` and ``ephemeral`` are expressions; ``ephemeral=True`` is the clause without one.
    """
    clauses = {
        "materialized": materialized,
        "alias": alias,
        "ephemeral": "true" if ephemeral is True else ephemeral or None,
        "codec": codec,
        "ttl": ttl,
        "statistics": statistics,
        "settings": _settings(settings),
    }
    return {INFO: {key: text for key, text in clauses.items() if text is not None}}


def _settings(settings: Mapping[str, Any] | None) -> str | None:
    if not settings:
        return None
    return ", ".join(f"{name} = {_setting(value)}" for name, value in settings.items())


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


class KeysElsewhere(SchemaItem):
    """Among the arguments of a table: its unique constraints and foreign keys are meant for another database, so that their
    absence on one without such keys needs no note."""

    def _set_parent(self, parent: Any, **_: Any) -> None:
        declared(parent.info)["keys_elsewhere"] = "true"


class _TableMember(SchemaItem):
    """A declaration that belongs to a table."""

    def _set_parent(self, parent: Any, **_: Any) -> None:
        declared(parent.info).setdefault(MEMBERS, []).append(self)


@dataclass(frozen=True, eq=False)
class SkippingIndex(_TableMember):
    """A data skipping index: ``SkippingIndex("by_kind", "lower(kind)", type="bloom_filter(0.01)", granularity=4)``."""

    name: str
    expression: str
    type: str = "minmax"
    granularity: int | None = None
    """By default that of the type: 1, or the whole part (``text``, ``vector_similarity``)."""


@dataclass(frozen=True, eq=False)
class TableProjection(_TableMember):
    """A projection: ``TableProjection("by_kind", "SELECT kind, count() GROUP BY kind")``.

    ``settings`` are texts such as ``index_granularity = 128``.
    """

    name: str
    query: str
    settings: str = ""


@dataclass(frozen=True, eq=False)
class Assumption(_TableMember):
    """A condition that the optimizer takes for granted and nothing checks: ``CONSTRAINT name ASSUME condition``."""

    name: str
    condition: str


MINVALUE, MAXVALUE = text("MINVALUE"), text("MAXVALUE")
"""Bounds of a range partition without an end."""


@dataclass(frozen=True, eq=False)
class DeclaredPartition(_TableMember):
    """A partition of a table of PostgreSQL, which has ``postgresql_partition_by``.

    Partition("events_2026", from_="2026-01-01", to="2027-01-01")
    Partition("events_eu", values=["de", "fr"])
    Partition("events_0", modulus=4, remainder=0)
    Partition("events_other", default=True)

    It stands in ``__table_args__`` or among the arguments of ``Table``; or it is given its table, or a mapped class, as
    ``of``. Where the key has several columns, ``from_`` and ``to`` are tuples. A date, a time, a number and None become
    SQL; a text is put between quotes, and ``sqlalchemy.text()`` is written as it is.
    """

    name: str
    _: KW_ONLY
    from_: Any = None
    to: Any = None
    values: Sequence[Any] | None = None
    modulus: int | None = None
    remainder: int | None = None
    default: bool = False
    bounds: str | None = None
    """All behind the name of the parent, as SQL: ``FOR VALUES IN ('a')``."""
    partition_by: str | None = None
    """Makes it a partitioned table itself: ``"LIST (kind)"``."""
    partitions: Sequence[DeclaredPartition] = ()
    """Its own partitions."""
    schema: str | None = None
    """By default that of its table."""
    tablespace: str | None = None
    with_: Mapping[str, Any] | None = None
    """Storage parameters."""
    using: str | None = None
    comment: str | None = None
    of: Any = None

    def __post_init__(self) -> None:
        if self.of is not None:
            self._set_parent(getattr(self.of, "__table__", self.of))


# -- objects beside the tables ----------------------------------------------------------------------------------------


def _place() -> str:
    """Module and line of the caller of a constructor of this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("dbwarden."):
        frame = frame.f_back
    return f"{frame.f_globals.get('__name__', '?')}, line {frame.f_lineno}" if frame is not None else ""


@dataclass(frozen=True, eq=False)
class MetadataObject:
    """A declaration that belongs to a metadata. ``schema`` is by default that of the metadata, ``comment`` is what the engine
    keeps beside the object."""

    kind: ClassVar[str]
    name: str
    _: KW_ONLY
    metadata: MetaData
    schema: str | None = None
    comment: str | None = None
    origin: str = field(default="", init=False)
    """Module and line that declare it, for messages."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", _place())
        if self.schema is None:
            object.__setattr__(self, "schema", self.metadata.schema)
        declared(self.metadata.info).setdefault(OBJECTS, []).append(self)


@dataclass(frozen=True, eq=False)
class DeclaredStatement:
    """An object beside the tables as its CREATE statement: from an SQL file, or from another library.

    ``dependents`` are the statements behind it, such as CREATE INDEX; ``origin`` is where it is written, for messages.
    """

    kind: str
    name: str
    statement: str
    _: KW_ONLY
    metadata: MetaData
    origin: str
    comment: str | None = None
    dependents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        declared(self.metadata.info).setdefault(STATEMENTS, []).append(self)


@dataclass(frozen=True, eq=False)
class TableOptions:
    """Options that an SQL file gives a table of the models, such as row-level security."""

    name: str
    _: KW_ONLY
    metadata: MetaData
    origin: str
    options: Mapping[str, str]
    schema: str | None = None

    def __post_init__(self) -> None:
        declared(self.metadata.info).setdefault(TABLES, []).append(self)


def table_options(metadata: MetaData) -> tuple[TableOptions, ...]:
    """What SQL files say of the models' tables."""
    return tuple(metadata.info.get(INFO, {}).get(TABLES, ()))


def declared_statements(metadata: MetaData) -> tuple[DeclaredStatement, ...]:
    """The CREATE statements that a metadata has."""
    return tuple(metadata.info.get(INFO, {}).get(STATEMENTS, ()))


@dataclass(frozen=True, eq=False)
class DeclaredView(MetadataObject):
    """A view: ``View("recent", "SELECT id FROM events WHERE at > now() - interval '1 day'", metadata=Base.metadata)``.

    The query is a text or a ``select()``, whose values become part of the text. ``options`` is what stands between the name and
    ``AS`` (``WITH (security_barrier)``), ``check_option`` is ``"local"`` or ``"cascaded"``, ``column_comments`` are comments by
    column (PostgreSQL), ``definer`` is the account on whose behalf it works: ``"app@%"`` (MySQL, MariaDB).
    """

    kind: ClassVar[str] = "view"
    query: Any
    _: KW_ONLY
    options: str | None = None
    check_option: str | None = None
    definer: str | None = None
    column_comments: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    """A role of PostgreSQL; where it is not declared, that of an existing object stays."""


@dataclass(frozen=True, eq=False)
class MaterializedView(MetadataObject):
    """A materialized view: ``MaterializedView("by_day", select(...), metadata=Base.metadata)``.

    ``indexes`` are CREATE INDEX statements, or ``Index`` of SQLAlchemy (PostgreSQL), and ``options`` is what stands between the
    name and ``AS``.

    On ClickHouse it writes to the table ``to``, or keeps its rows itself with ``engine`` and the clauses behind it. ``refresh``
    makes it a refreshable one: ``"EVERY 1 HOUR"``, ``"AFTER 10 MINUTE APPEND"``. Rows that exist when it is created are not in it,
    unless ``populate`` says so.
    """

    kind: ClassVar[str] = "materialized_view"
    query: Any
    _: KW_ONLY
    options: str | None = None
    indexes: tuple[Any, ...] = ()
    column_comments: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    """A role (PostgreSQL)."""
    to: Any = None
    """A table or its name."""
    columns: str | None = None
    """All between the parentheses, where the view's own table needs more than the query says: codecs, defaults, indexes,
    projections. Columns of ``to`` have theirs there."""
    engine: str = "MergeTree"
    order_by: str | None = None
    partition_by: str | None = None
    primary_key: str | None = None
    sample_by: str | None = None
    ttl: str | None = None
    settings: str | Mapping[str, Any] | None = None
    refresh: str | None = None
    populate: bool = False
    """Inserts the rows that exist when it is created (POPULATE). Rows that are inserted meanwhile are missing."""
    empty: bool = False
    """A refreshable view begins empty, with its first refresh later (EMPTY)."""


@dataclass(frozen=True, eq=False)
class Dictionary(MetadataObject):
    """A dictionary of ClickHouse; ``columns`` is the text between its parentheses.

    Dictionary("names", "id UInt64, name String", metadata=Base.metadata, primary_key="id",
               source="CLICKHOUSE(TABLE 'users')", layout="HASHED", lifetime=300)

    A password in ``source`` is never written to a file: name a collection (``NAME my_collection``).
    """

    kind: ClassVar[str] = "dictionary"
    columns: str
    _: KW_ONLY
    primary_key: str
    source: str
    layout: str
    lifetime: int | str | None = None
    range: str | None = None
    settings: str | Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class NamedCollection(MetadataObject):
    """A named collection of ClickHouse with its keys:
    ``NamedCollection("s3", ("url", "secret_access_key"), metadata=Base.metadata)``.

    Its values are neither read nor written: somebody creates it on the server, and DBWarden says if a key is missing.
    """

    kind: ClassVar[str] = "named_collection"
    keys: tuple[str, ...]


class NamedType(UserDefinedType[Any]):
    """The type of a column that has a declared type: ``mapped_column(address.type)``."""

    cache_ok = True

    def __init__(self, name: str, schema: str | None = None) -> None:
        self.name, self.schema = name, schema

    def get_col_spec(self, **_: Any) -> str:
        quote = DefaultDialect().identifier_preparer.quote
        return ".".join(quote(part) for part in (self.schema, self.name) if part)


@dataclass(frozen=True, eq=False)
class _DeclaredType(MetadataObject):
    """A type of PostgreSQL. ``owner`` is a role; where it is not declared, that of an existing type stays."""

    _: KW_ONLY
    owner: str | None = None

    @property
    def type(self) -> NamedType:
        """The type for columns and for other declarations."""
        return NamedType(self.name, self.schema)


@dataclass(frozen=True, eq=False)
class DeclaredDomain(_DeclaredType):
    """A domain: ``Domain("email", "text", metadata=Base.metadata, checks={"email_has_at": "VALUE LIKE '%@%'"})``.

    ``base`` is a type of SQLAlchemy's or a text, ``default`` is SQL. Domains of ``sqlalchemy.dialects.postgresql`` are read
    too; this one has several checks and a comment.
    """

    kind: ClassVar[str] = "domain"
    base: Any
    _: KW_ONLY
    checks: Mapping[str, str] | None = None
    """Conditions on ``VALUE``, by the names of their constraints."""
    not_null: bool = False
    default: str | None = None
    collation: str | None = None


@dataclass(frozen=True, eq=False)
class DeclaredCompositeType(_DeclaredType):
    """A composite type: ``CompositeType("address", {"street": "text", "zip": String(10)}, metadata=Base.metadata)``."""

    kind: ClassVar[str] = "composite_type"
    attributes: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class RangeType(_DeclaredType):
    """A range type: ``RangeType("float_range", "double precision", metadata=Base.metadata, subtype_diff="float8mi")``."""

    kind: ClassVar[str] = "range_type"
    subtype: Any
    _: KW_ONLY
    subtype_opclass: str | None = None
    collation: str | None = None
    canonical: str | None = None
    subtype_diff: str | None = None


@dataclass(frozen=True, eq=False)
class DeclaredExtension(MetadataObject):
    """An extension: ``Extension("pgcrypto", metadata=Base.metadata)``.

    ``schema`` and ``version`` count when it is created; one that exists stays where and as it is.
    """

    kind: ClassVar[str] = "extension"
    version: str | None = None

    def __post_init__(self) -> None:
        declared(self.metadata.info).setdefault(OBJECTS, []).append(self)


@dataclass(frozen=True, eq=False)
class DeclaredCollation(MetadataObject):
    """A collation of PostgreSQL:

    Collation("german", provider="icu", locale="de-u-co-phonebk", metadata=Base.metadata)
    Collation("caseless", provider="icu", locale="und-u-ks-level2", deterministic=False, metadata=Base.metadata)

    ``provider`` is ``libc``, ``icu`` or ``builtin``; ``lc_collate`` and ``lc_ctype`` stand for a ``locale`` of libc. ``rules`` are
    those of ICU (version 16). ``owner`` is a role; where it is not declared, that of an existing collation stays.
    """

    kind: ClassVar[str] = "collation"
    _: KW_ONLY
    locale: str | None = None
    provider: str = "libc"
    lc_collate: str | None = None
    lc_ctype: str | None = None
    deterministic: bool = True
    rules: str | None = None
    owner: str | None = None


@dataclass(frozen=True, eq=False)
class TextSearchDictionary(MetadataObject):
    """A dictionary of full-text search (PostgreSQL):

    TextSearchDictionary("stems", "snowball", options={"language": "german"}, metadata=Base.metadata)

    ``template`` is SQL. ``owner`` is a role; where it is not declared, that of an existing dictionary stays.
    """

    kind: ClassVar[str] = "text_search_dictionary"
    template: str
    _: KW_ONLY
    options: Mapping[str, Any] = field(default_factory=dict)
    owner: str | None = None


@dataclass(frozen=True, eq=False)
class TextSearchConfiguration(MetadataObject):
    """A configuration of full-text search (PostgreSQL): the dictionaries for each type of token, as SQL.

    TextSearchConfiguration("german_words", {"asciiword, word": "unaccent, stems", "int": "simple"}, metadata=Base.metadata)

    Types that are not mapped are not searched. ``owner`` is a role; where it is not declared, that of an existing one stays.
    """

    kind: ClassVar[str] = "text_search_configuration"
    mappings: Mapping[str, str | Sequence[str]]
    _: KW_ONLY
    parser: str = "default"
    owner: str | None = None


@dataclass(frozen=True, eq=False)
class DeclaredSchema(MetadataObject):
    """A schema of the database with a comment or an owner (PostgreSQL):
    ``Schema("sales", metadata=Base.metadata, comment="all that is sold", owner="app")``.

    The schemas of tables need no declaration. ``owner`` is a role; where it is not declared, that of an existing schema stays.
    """

    kind: ClassVar[str] = "namespace"
    owner: str | None = None

    def __post_init__(self) -> None:
        declared(self.metadata.info).setdefault(OBJECTS, []).append(self)


class DeclaredEnum(EnumOfSQLAlchemy):
    """SQLAlchemy's ``Enum`` with a comment and an owner (PostgreSQL):

    mood = Enum("sad", "ok", "happy", name="mood", metadata=Base.metadata, comment="how somebody feels", owner="app")
    """

    def __init__(self, *values: Any, comment: str | None = None, owner: str | None = None, **named: Any) -> None:
        super().__init__(*values, **named)
        self.comment, self.owner = comment, owner

    def copy(self, **named: Any) -> DeclaredEnum:
        copied: DeclaredEnum = super().copy(**named)  # type: ignore[no-untyped-call]
        copied.comment, copied.owner = self.comment, self.owner
        return copied


@dataclass(frozen=True, eq=False)
class Statistics(MetadataObject):
    """Extended statistics: ``Statistics("by_place", ["city", "zip"], on="addresses", metadata=Base.metadata)``.

    ``kinds`` are ``ndistinct``, ``dependencies`` and ``mcv``, by default all; an expression stands in parentheses. ``owner`` is a
    role; where it is not declared, that of existing statistics stays.
    """

    kind: ClassVar[str] = "statistics"
    columns: Sequence[str]
    _: KW_ONLY
    on: Any
    """A table or a mapped class, or a name."""
    kinds: Sequence[str] = ()
    owner: str | None = None


_INTEGERS = {"smallint": SmallInteger, "int2": SmallInteger, "integer": Integer, "int": Integer, "int4": Integer}
"""Types of sequences by their names in SQL."""


class DeclaredSequence(SequenceOfSQLAlchemy):
    """SQLAlchemy's ``Sequence`` with a column that owns it, and a comment:

    Sequence("tickets", metadata=Base.metadata, start=1000, cache=20, owned_by="orders.number", comment="numbers on paper")

    ``owned_by`` is a column, an attribute of a mapped class, or ``"table.column"``: the sequence is dropped with it (PostgreSQL).
    ``owner`` is a role (PostgreSQL); a sequence of a column belongs to the owner of its table.
    """

    def __init__(
        self,
        name: str,
        *arguments: Any,
        owned_by: Any = None,
        comment: str | None = None,
        owner: str | None = None,
        **named: Any,
    ) -> None:
        if isinstance(type_ := named.get("data_type"), str):
            named["data_type"] = _INTEGERS.get(type_, BigInteger)
        super().__init__(name, *arguments, **named)
        self.owned_by, self.comment, self.owner = owned_by, comment, owner


@dataclass(frozen=True, eq=False)
class _DefinedByText(MetadataObject):
    """An object whose CREATE statement is its kind, its name (with the arguments of a routine), and ``definition``."""

    definition: str


@dataclass(frozen=True, eq=False)
class _WithDefiner(_DefinedByText):
    """An object that does something itself. ``definer`` is the account on whose behalf it does so: ``"app@%"`` (MySQL, MariaDB);
    where it is not declared, that of an existing object stays."""

    _: KW_ONLY
    definer: str | None = None


@dataclass(frozen=True, eq=False)
class _Routine(_WithDefiner):
    """A routine. ``owner`` is a role (PostgreSQL); where it is not declared, that of an existing routine stays."""

    _: KW_ONLY
    owner: str | None = None


@dataclass(frozen=True, eq=False)
class Function(_Routine):
    """A function: its name with its arguments, and the rest of its CREATE FUNCTION.

    Function("add(a integer, b integer)", "RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$", metadata=Base.metadata)

    On ClickHouse: ``Function("doubled", "AS x -> x * 2", metadata=Base.metadata)``.
    """

    kind: ClassVar[str] = "function"


@dataclass(frozen=True, eq=False)
class Procedure(_Routine):
    """A procedure: ``Procedure("tidy()", "LANGUAGE sql AS $$ DELETE FROM sessions $$", metadata=Base.metadata)``."""

    kind: ClassVar[str] = "procedure"


@dataclass(frozen=True, eq=False)
class Aggregate(_Routine):
    """An aggregate of PostgreSQL: ``Aggregate("total(integer)", "(SFUNC = int4pl, STYPE = integer)", metadata=Base.metadata)``; or
    a stored aggregate function of MariaDB: ``Aggregate("total(n INT)", "RETURNS INT BEGIN ... END", metadata=Base.metadata)``."""

    kind: ClassVar[str] = "aggregate"


@dataclass(frozen=True, eq=False)
class EventTrigger(_DefinedByText):
    """An event trigger of PostgreSQL, which belongs to the database:
    ``EventTrigger("seen", "ON ddl_command_end EXECUTE FUNCTION seen()", metadata=Base.metadata)``.

    ``owner`` is a role, a superuser; where it is not declared, that of an existing one stays."""

    kind: ClassVar[str] = "event_trigger"
    _: KW_ONLY
    owner: str | None = None


@dataclass(frozen=True, eq=False)
class Trigger(_WithDefiner):
    """A trigger: ``Trigger("audit", "AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit()", metadata=Base.metadata)``.

    ``constraint=True`` makes it a constraint trigger of PostgreSQL, which can be deferred.
    """

    kind: ClassVar[str] = "trigger"
    _: KW_ONLY
    constraint: bool = False


@dataclass(frozen=True, eq=False)
class DeclaredRule(_DefinedByText):
    """A rewrite rule of PostgreSQL: ``Rule("no_delete", "AS ON DELETE TO users DO INSTEAD NOTHING", metadata=Base.metadata)``."""

    kind: ClassVar[str] = "rule"


@dataclass(frozen=True, eq=False)
class DeclaredEvent(_WithDefiner):
    """A scheduled event of MySQL or MariaDB:
    ``Event("tidy", "ON SCHEDULE EVERY 1 DAY DO DELETE FROM sessions", metadata=Base.metadata)``."""

    kind: ClassVar[str] = "event"
