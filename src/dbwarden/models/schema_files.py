"""Views, routines, triggers, types and rights that stand in SQL files: ``schema/*.sql`` of the project.

A file has CREATE statements, COMMENT ON for what it creates, CREATE INDEX on its materialized views, and statements about rights.
They become declarations as those of ``dbwarden.objects``: compared as the server prints them, in the order in which they need one
another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from dbwarden.core import kinds
from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.ddl.statements import AlterObject
from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.dialect import Dialect
from dbwarden.core.sqltext import SqlStatement, TokenKind, split
from dbwarden.core.tokens import literal
from dbwarden.core.types import Ref
from dbwarden.errors import ModelConflict, ModelReadError, SqlTextError, Unsupported

from . import foreign, objects, replication, rights
from .objects import DeclaredStatement

_HINT = (
    "A schema file has statements that create {kinds}, COMMENT ON and CREATE INDEX for them. Declare the rest in the models or in"
    " a migration, or name other files with schema_files."
)


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """An SQL file; ``shown`` is its path in messages."""

    shown: str
    text: str


def read_files(root: Path, patterns: Sequence[str]) -> tuple[SchemaFile, ...]:
    """The files below ``root`` that the patterns name, sorted by path. Raises ``ModelReadError``."""
    paths = {path for pattern in patterns for path in _matching(root, pattern) if path.is_file()}
    return tuple(_read(path, root) for path in sorted(paths))


def _matching(root: Path, pattern: str) -> Iterable[Path]:
    path = Path(pattern)
    return Path(path.anchor).glob(str(path.relative_to(path.anchor))) if path.is_absolute() else root.glob(pattern)


def _read(path: Path, root: Path) -> SchemaFile:
    shown = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    try:
        return SchemaFile(shown, path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ModelReadError(where=shown, reason=f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ModelReadError(
            where=shown, reason=f"it is not UTF-8 text: {error.reason} at byte {error.start}"
        ) from error


@dataclass(slots=True)
class _Created:
    """An object that a file creates, with the statements behind it."""

    ref: Ref
    statement: str
    origin: str
    comment: str | None = None
    dependents: list[str] = field(default_factory=list)
    declared: DeclaredObject | None = None
    """Its declaration, if that has attributes instead of the text."""


def declarations(files: Iterable[SchemaFile], dialect: Dialect) -> MetaData:
    """A metadata with what the files create. Raises ``ModelReadError`` for other statements, ``ModelConflict`` for two that create
    the same object."""
    created: dict[Ref, _Created] = {}
    others: list[tuple[DeclaredObject, str]] = []
    for file in files:
        try:
            statements = split(file.text, dialect.lexical_rules)
        except SqlTextError as error:
            raise ModelReadError(where=file.shown, reason=str(error)) from error
        for statement in statements:
            _add(statement, f"{file.shown}:{statement.line}", (created, others), dialect)
    metadata = MetaData()
    for declared, origin in others:
        _declare(declared, metadata, origin)
    for item in created.values():
        if item.declared is not None:
            _declare(item.declared, metadata, item.origin, item.comment)
            continue
        DeclaredStatement(
            item.ref.kind,
            item.ref.name,
            item.statement,
            metadata=metadata,
            origin=item.origin,
            comment=item.comment,
            dependents=tuple(item.dependents),
        )
    return metadata


def _enum(name: str, values: Sequence[str], **named: Any) -> objects.DeclaredEnum:
    return objects.DeclaredEnum(*values, name=name, **named)


_CLASSES: dict[str, Callable[..., object]] = {
    "Collation": objects.DeclaredCollation,
    "CompositeType": objects.DeclaredCompositeType,
    "DefaultPrivileges": rights.DefaultPrivileges,
    "Domain": objects.DeclaredDomain,
    "Extension": objects.DeclaredExtension,
    "Grant": rights.DeclaredGrant,
    "Membership": rights.Membership,
    "RangeType": objects.RangeType,
    "Enum": _enum,
    "ForeignTable": foreign.foreign_table,
    "ForeignServer": foreign.DeclaredForeignServer,
    "Publication": replication.DeclaredPublication,
    "PublishedTable": replication.PublishedTable,
    "Role": rights.Role,
    "Schema": objects.DeclaredSchema,
    "Sequence": objects.DeclaredSequence,
    "Statistics": objects.Statistics,
    "TextSearchDictionary": objects.TextSearchDictionary,
    "TableOptions": objects.TableOptions,
}


def _declare(declared: DeclaredObject, metadata: MetaData, origin: str, comment: str | None = None) -> None:
    """Attach a declaration to ``metadata``."""
    named = {key: value for key, value in (*declared.named.items(), ("comment", comment)) if value is not None}
    if declared.constructor == "TableOptions":
        named["origin"] = origin
    body = () if declared.body is None else (declared.body,)
    _CLASSES[declared.constructor](declared.name, *body, metadata=metadata, **named)


def _declared(
    statement: SqlStatement,
    origin: str,
    declared: Sequence[DeclaredObject],
    created: dict[Ref, _Created],
    dialect: Dialect,
) -> Sequence[DeclaredObject]:
    """Those declarations of a statement that are not an object with a name of its own; that one goes to ``created``."""
    ref = next(iter(dialect.parse(statement.text).creates), None)
    if ref is None or kinds.of(ref.kind).is_right or ref.table is not None:
        return declared
    if ref in created:
        raise ModelConflict(object=str(ref), first=created[ref].origin, second=origin)
    created[ref] = _Created(ref, statement.text, origin, declared=declared[-1])
    return declared[:-1]


def _add(
    statement: SqlStatement,
    origin: str,
    into: tuple[dict[Ref, _Created], list[tuple[DeclaredObject, str]]],
    dialect: Dialect,
) -> None:
    created, others = into
    ref = next(iter(dialect.parse(statement.text).creates), None)
    try:
        declared = dialect.declared_by_statement(statement.text)
    except Unsupported as error:
        raise ModelReadError(where=origin, reason=f"{error.feature}: {error.reason}") from error
    if declared:
        others += ((item, origin) for item in _declared(statement, origin, declared, created, dialect))
    elif ref is not None and ref.kind in dialect.features.described_definitions:
        if ref in created:
            raise ModelConflict(object=str(ref), first=created[ref].origin, second=origin)
        created[ref] = _Created(ref, statement.text, origin)
    elif ref is not None and ref.kind == "index" and (view := _view_of(ref)) in created:
        created[view].dependents.append(statement.text)
    elif (completed := _completes(statement.text, dialect, created)) is not None:
        created[completed].statement += f";\n{statement.text}"
    elif _comments_column(statement.text, dialect, created):
        return
    elif (commented := _comment(statement.text, dialect, created)) is not None:
        created[commented[0]].comment = commented[1]
    else:
        described = sorted(map(_plural, dialect.features.described_definitions))
        listed = f"{', '.join(described[:-1])} and {described[-1]}" if len(described) > 1 else "".join(described)
        line = " ".join(statement.text.split())
        reason = f"{line[:60]}{'...' if len(line) > 60 else ''} declares nothing that can stand in a schema file"
        raise ModelReadError(where=origin, reason=reason, hint=_HINT.format(kinds=listed))


def _plural(kind: str) -> str:
    title = kinds.title(kind)
    return title if title.endswith("s") else f"{title[:-1]}ies" if title.endswith("y") else f"{title}s"


def _view_of(index: Ref) -> Ref:
    return Ref("materialized_view", index.table or "", index.schema)


_COMPLETED = ("text_search_configuration",)
"""Kinds of which ALTER gives what CREATE cannot: mappings."""


def _completes(sql: str, dialect: Dialect, created: Collection[Ref]) -> Ref | None:
    """The created object that a statement completes."""
    altered = dialect.parse(sql)
    if not isinstance(altered, AlterObject) or altered.kind not in _COMPLETED or altered.words[:1] != ("ADD",):
        return None
    return altered.ref if altered.ref in created else None


def _comments_column(sql: str, dialect: Dialect, created: dict[Ref, _Created]) -> bool:
    """Whether a statement is COMMENT ON COLUMN of a created view or foreign table, to which its comment is then added."""
    default_schema = dialect.server.default_schema
    at = cursor(sql, dialect.lexical_rules, default_schema)
    if not at.skip("COMMENT", "ON", "COLUMN"):
        return False
    path = [at.name()]
    while at.skip("."):
        path.append(at.name())
    *schema, table, column = ("", *path) if len(path) < 3 else path
    place = next((name for name in schema if name and name != default_schema), None)
    token = at.token(1)
    item = next(
        (one for ref, one in created.items() if (ref.schema, ref.name) == (place, table) and _has_columns(ref)), None
    )
    if item is None or token is None:
        return False
    if item.declared is None:
        item.dependents.append(sql)
    elif isinstance(item.declared.body, Mapping) and isinstance(one := item.declared.body.get(column), Mapping):
        item.declared = replace(item.declared, body={**item.declared.body, column: {**one, "comment": literal(token)}})
    return True


def _has_columns(ref: Ref) -> bool:
    return ref.kind == "table" or kinds.of(ref.kind).readable


def _comment(sql: str, dialect: Dialect, created: Collection[Ref]) -> tuple[Ref, str | None] | None:
    """The created object and the text of COMMENT ON. The object is the one that DROP of the same words would drop; a TYPE is of
    any kind."""
    at = cursor(sql, dialect.lexical_rules)
    if not at.skip("COMMENT", "ON"):
        return None
    target = at.source(at.until("IS"))
    at.take()
    token = at.token()
    dropped = next(iter(dialect.parse(f"DROP {target}").drops), None)
    if dropped is None or token is None:
        return None
    alike = {dropped} | ({dropped._replace(kind=kind) for kind in kinds.TYPES} if dropped.kind == "enum" else set())
    ref = next((ref for ref in created if ref in alike), None)
    return (
        None if ref is None else (ref, literal(token) if token.kind in (TokenKind.STRING, TokenKind.DOLLAR) else None)
    )
