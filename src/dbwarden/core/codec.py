"""Reads and writes the state file: a schema as JSON, byte for byte the same for equal schemas.

The layout lets git merge two branches without a needless conflict:

1. Each object, and each column of a table, takes two lines: its name, then its properties. git reports a conflict for
   changes to neighbouring lines, so two columns never have neighbouring properties.
2. Commas precede names, so that a new object changes no existing line.

The reader accepts any layout of the same JSON.

``objects`` is the schema of the models. If it differs from the schema that the migrations create, ``migrated`` lists the
objects that differ there, and ``unmigrated`` names the objects that no migration creates yet.

Objects are written field by field as ``core/model`` declares them, without the fields that have their default.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, NoReturn

from dbwarden.errors import DamagedState, NewerState, StateConflict, StateDialect

from . import kinds, model
from .coders import Mistake, compact_json, shape_of, shown
from .model import Column, Definition, Object, Schema, Table
from .suggestions import did_you_mean
from .types import Ref

FORMAT = 1
"""Version of the file format."""

_SURROGATE = re.compile("[\ud800-\udfff]")

# -- writing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModelState:
    """Contents of a state file."""

    schema: Schema
    """Schema of the models."""
    migrated: Schema
    """Schema that the migrations create."""
    version: str | None = None
    """Highest version among these migrations, ``0`` without migrations; ``None`` if the text does not say."""
    dialect: str = ""
    """Name of the dialect that the file was written for."""


def dump(
    schema: Schema,
    *,
    dialect: str,
    written_by: str = "",
    migrated: Schema | None = None,
    version: str | None = None,
) -> str:
    """Write a schema as state text, which can be encoded as UTF-8 and ends in a line end.

    ``written_by`` is the version of DBWarden; ``migrated`` is the schema that the migrations up to ``version`` create, by
    default the same. ``load`` returns an equal schema, with the same texts of expressions and order of columns.
    """
    migrations = "" if version is None else f'"migrations": {compact_json(version)},\n'
    head = f'{{"format": {FORMAT},\n"written_by": {compact_json(written_by)},\n"dialect": {compact_json(dialect)},\n{migrations}'
    text = f"{head}{_list('objects', map(_lines, _sorted(schema)))}"
    if migrated is not None and migrated != schema:
        former = [item for item in _sorted(migrated) if schema.get(item.ref) != item]
        fresh = [compact_json(_naming(item.ref)) for item in _sorted(schema) if item.ref not in migrated]
        text += f",\n{_list('migrated', map(_lines, former))},\n{_list('unmigrated', fresh)}"
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text + "}\n")


def text_of(item: Object) -> str:
    """An object as the file has it; equal for objects that the file does not tell apart."""
    return _lines(item)


def text_of_column(column: Column) -> str:
    """A column as the file has it."""
    return compact_json(shape_of(Column).encode(column))


def _sorted(schema: Schema) -> list[Object]:
    return [item for _, item in sorted(schema.items(), key=_place)]


def _list(name: str, items: Iterable[str]) -> str:
    lines = "\n,".join(items)
    return f'"{name}": [' + (f"\n {lines}" if lines else "") + "\n]"


def _naming(ref: Ref) -> dict[str, str]:
    return {key: value for key, value in ref._asdict().items() if value is not None}


def _place(pair: tuple[Ref, Object]) -> tuple[object, ...]:
    """Sort key: types and other objects without a table, then each table with its members, then views and functions."""
    ref, item = pair
    if isinstance(item, Table):
        return (ref.schema or "", 1, ref.name, 0, "", "")
    if ref.table is not None:
        return (ref.schema or "", 1, ref.table, 1, ref.kind, ref.name)
    return (ref.schema or "", 2 if kinds.of(ref.kind).text_defined else 0, "", 0, ref.kind, ref.name)


_NAMING = ("kind", "schema", "table", "on", "name")


def _lines(item: Object) -> str:
    cls: type = type(item)
    values = {"kind": item.kind, **shape_of(cls).encode(item)}
    columns = values.pop("columns") if isinstance(item, Table) else None
    first = compact_json({key: values.pop(key) for key in _NAMING if key in values})[:-1]
    if values:
        first = f"{first},\n  {compact_json(values)[1:-1]}"
    if columns is not None:
        first = (
            f'{first},\n  "columns": ['
            + ("\n   " + "\n  ,".join(map(_column_lines, columns)) if columns else "")
            + "\n ]"
        )
    return first + "}"


def _column_lines(column: dict[str, Any]) -> str:
    name = column.pop("name")
    return f'{{"name": {compact_json(name)},\n    {compact_json(column)[1:]}'


# -- reading ------------------------------------------------------------------------------------------------------


def load(text: str, *, dialect: str | None = None, database: str = "NAME", file: str = "model_state.json") -> Schema:
    """Schema of the models in a state text; see ``load_state``."""
    return load_state(text, dialect=dialect, database=database, file=file).schema


def load_state(
    text: str, *, dialect: str | None = None, database: str = "NAME", file: str = "model_state.json"
) -> ModelState:
    """Parse a state text. ``database`` and ``file`` appear in errors only.

    Raises ``StateConflict`` for a file that git left unmerged, ``NewerState``, ``StateDialect`` if it was written for
    another ``dialect``, and ``DamagedState`` for anything else that ``dump`` did not write.
    """
    source = _Source(text.removeprefix("\ufeff"), file, database)
    document = _parse_document(source)
    _check_head(document, source, dialect)
    objects = _objects("objects", document.get("objects"), source)
    former = _objects("migrated", document.get("migrated", []), source)
    fresh = document.get("unmigrated", [])
    if not isinstance(fresh, list) or not all(isinstance(entry, dict) for entry in fresh):
        source.fail("`unmigrated` is not a list of names", source.text.find('"unmigrated"'))
    names = {tuple(entry.get(key) for key in Ref._fields) for entry in fresh}
    migrated = {ref: item for ref, item in objects.items() if tuple(ref) not in names}
    version = document.get("migrations")
    if version is not None and not (isinstance(version, str) and version.isdecimal()):
        source.fail(f"`migrations` is {shown(version)}, not a version", source.text.find('"migrations"'))
    return ModelState(Schema(objects), Schema({**migrated, **former}), version, str(document["dialect"]))


class _Source(NamedTuple):
    """The text being read, with the names that errors use for it."""

    text: str
    file: str
    database: str

    def fail(self, reason: str, offset: int = 0) -> NoReturn:
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        raise DamagedState(file=self.file, line=line, column=column, reason=reason, database=self.database)


_CONFLICT = re.compile(
    r"^<{7}(?: (?P<ours>.*))?$(?:.*\n)*?^={7}\r?$(?:.*\n)*?^>{7}(?: (?P<theirs>.*))?$|^(?:<{7}|>{7}|\|{7}) .*$",
    re.MULTILINE,
)


def _parse_document(source: _Source) -> dict[str, Any]:
    try:
        document = json.loads(source.text)
    except json.JSONDecodeError as error:
        conflicts = list(_CONFLICT.finditer(source.text))
        if conflicts:
            _unmerged(conflicts, source)
        if not source.text.strip():
            source.fail("the file is empty")
        source.fail(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}", error.pos)
    except RecursionError:
        source.fail("not a state file: nested too deeply")
    except ValueError:
        source.fail("not a state file: a number has more digits than can be read")
    _ensure_text(document, source)
    if not isinstance(document, dict) or "format" not in document:
        source.fail("not a state file: no `format`")
    return document


_NO_TEXT = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
"""Escapes of NUL or of half a surrogate pair, which no engine accepts in a name or a text."""


def _ensure_text(document: Any, source: _Source) -> None:
    escape = _NO_TEXT.search(source.text)
    if escape is None:
        return
    text = json.dumps(document, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= character <= "\udfff" for character in text):
        source.fail(f"{escape[0]} is not a character", escape.start())


def _unmerged(conflicts: list[re.Match[str]], source: _Source) -> NoReturn:
    first = conflicts[0]
    raise StateConflict(
        file=source.file,
        line=source.text.count("\n", 0, first.start()) + 1,
        ours=(first["ours"] or "one side").strip(),
        theirs=(first["theirs"] or "the other").strip(),
        more=f" (and {len(conflicts) - 1} more)" if len(conflicts) > 1 else "",
        database=source.database,
    )


def _check_head(document: Mapping[str, Any], source: _Source, dialect: str | None) -> None:
    written, engine = document["format"], document.get("dialect")
    if not isinstance(written, int) or isinstance(written, bool) or written < 1:
        source.fail(f"`format` is {shown(written)}, not a number")
    if written > FORMAT:
        writer = document.get("written_by") or "unknown"
        raise NewerState(file=source.file, format=written, writer=writer, known=FORMAT, database=source.database)
    if dialect is not None and engine != dialect:
        raise StateDialect(file=source.file, engine=engine, wanted=dialect, database=source.database)


def _objects(name: str, raw: Any, source: _Source) -> dict[Ref, Object]:
    if not isinstance(raw, list):
        source.fail(f"`{name}` is not a list")
    objects: dict[Ref, Object] = {}
    for at, entry in enumerate(raw):
        try:
            item = _object(entry)
        except Mistake as mistake:
            source.fail(str(mistake), _offset(source.text, name, at))
        ref = item.ref
        if ref in objects:
            source.fail(f"{ref} is listed a second time", _offset(source.text, name, at))
        objects[ref] = item
    return objects


def _object(entry: Any) -> Object:
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
        raise Mistake(f"an object with a `kind` expected, not {shown(entry)}")
    kind = entry["kind"]
    cls = _kinds().get(kind, Definition)
    if cls is Definition and "sql" not in entry:
        raise Mistake(f"`{kind}` is not a kind of object{did_you_mean(kind, _kinds(), quote='`')}")
    values = entry if cls is Definition else {key: value for key, value in entry.items() if key != "kind"}
    try:
        decoded: Object = shape_of(cls).decode(values)
    except Mistake as mistake:
        raise Mistake(f"{kind} {shown(entry.get('name'))}: {mistake}") from mistake
    return decoded


def _offset(text: str, name: str, place: int) -> int:
    """Offset of the object at index ``place`` of the list, for error messages."""
    decoder, start = json.JSONDecoder(), re.search(rf'"{name}"\s*:\s*\[\s*', text)
    at = start.end() if start else 0
    for _ in range(place if start else 0):
        at = decoder.raw_decode(text, at)[1]
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
    return at


@cache
def _kinds() -> dict[str, type]:
    """Classes by kind, for all objects that can be in a schema on their own."""
    parts = (Object, Column, model.Identity, model.Computed, Definition)
    classes = [item for item in vars(model).values() if isinstance(item, type) and item not in parts]
    return {cls.kind: cls for cls in classes if issubclass(cls, Object) and "kind" in vars(cls)}
