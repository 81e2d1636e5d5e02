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
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple, NoReturn

from dbwarden.errors import DamagedState, NewerState, StateConflict, StateDialect

from . import kinds, model
from .model import Column, Definition, Object, Schema, Table
from .options import NO_OPTIONS, Options
from .suggestions import did_you_mean
from .types import DataType, Expression, Ref, parse_type

FORMAT = 1
"""Version of the file format."""

_json = json.JSONEncoder(ensure_ascii=False).encode
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
    migrations = "" if version is None else f'"migrations": {_json(version)},\n'
    head = f'{{"format": {FORMAT},\n"written_by": {_json(written_by)},\n"dialect": {_json(dialect)},\n{migrations}'
    text = f"{head}{_list('objects', map(_lines, _sorted(schema)))}"
    if migrated is not None and migrated != schema:
        former = [item for item in _sorted(migrated) if schema.get(item.ref) != item]
        fresh = [_json(_naming(item.ref)) for item in _sorted(schema) if item.ref not in migrated]
        text += f",\n{_list('migrated', map(_lines, former))},\n{_list('unmigrated', fresh)}"
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text + "}\n")


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
    values = {"kind": item.kind, **_shape(cls).encode(item)}
    columns = values.pop("columns") if isinstance(item, Table) else None
    first = _json({key: values.pop(key) for key in _NAMING if key in values})[:-1]
    if values:
        first = f"{first},\n  {_json(values)[1:-1]}"
    if columns is not None:
        first = (
            f'{first},\n  "columns": ['
            + ("\n   " + "\n  ,".join(map(_column_lines, columns)) if columns else "")
            + "\n ]"
        )
    return first + "}"


def _column_lines(column: dict[str, Any]) -> str:
    name = column.pop("name")
    return f'{{"name": {_json(name)},\n    {_json(column)[1:]}'


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
    document = _parsed(source)
    _check_head(document, source, dialect)
    objects = _objects("objects", document.get("objects"), source)
    former = _objects("migrated", document.get("migrated", []), source)
    fresh = document.get("unmigrated", [])
    if not isinstance(fresh, list) or not all(isinstance(entry, dict) for entry in fresh):
        source.damaged("`unmigrated` is not a list of names", source.text.find('"unmigrated"'))
    names = {tuple(entry.get(key) for key in Ref._fields) for entry in fresh}
    migrated = {ref: item for ref, item in objects.items() if tuple(ref) not in names}
    version = document.get("migrations")
    if version is not None and not (isinstance(version, str) and version.isdecimal()):
        source.damaged(f"`migrations` is {_shown(version)}, not a version", source.text.find('"migrations"'))
    return ModelState(Schema(objects), Schema({**migrated, **former}), version)


class _Source(NamedTuple):
    """The text being read, with the names that errors use for it."""

    text: str
    file: str
    database: str

    def damaged(self, reason: str, offset: int = 0) -> NoReturn:
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        raise DamagedState(file=self.file, line=line, column=column, reason=reason, database=self.database)


_CONFLICT = re.compile(
    r"^<{7}(?: (?P<ours>.*))?$(?:.*\n)*?^={7}\r?$(?:.*\n)*?^>{7}(?: (?P<theirs>.*))?$|^(?:<{7}|>{7}|\|{7}) .*$",
    re.MULTILINE,
)


def _parsed(source: _Source) -> dict[str, Any]:
    try:
        document = json.loads(source.text)
    except json.JSONDecodeError as error:
        conflicts = list(_CONFLICT.finditer(source.text))
        if conflicts:
            _unmerged(conflicts, source)
        if not source.text.strip():
            source.damaged("the file is empty")
        source.damaged(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}", error.pos)
    except RecursionError:
        source.damaged("not a state file: nested too deeply")
    except ValueError:
        source.damaged("not a state file: a number has more digits than can be read")
    _ensure_text(document, source)
    if not isinstance(document, dict) or "format" not in document:
        source.damaged("not a state file: no `format`")
    return document


_NO_TEXT = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
"""Escapes of NUL or of half a surrogate pair, which no engine accepts in a name or a text."""


def _ensure_text(document: Any, source: _Source) -> None:
    escape = _NO_TEXT.search(source.text)
    if escape is None:
        return
    text = json.dumps(document, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= character <= "\udfff" for character in text):
        source.damaged(f"{escape[0]} is not a character", escape.start())


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
        source.damaged(f"`format` is {_shown(written)}, not a number")
    if written > FORMAT:
        writer = document.get("written_by") or "unknown"
        raise NewerState(file=source.file, found=written, writer=writer, known=FORMAT, database=source.database)
    if dialect is not None and engine != dialect:
        raise StateDialect(file=source.file, found=engine, wanted=dialect, database=source.database)


def _objects(name: str, raw: Any, source: _Source) -> dict[Ref, Object]:
    if not isinstance(raw, list):
        source.damaged(f"`{name}` is not a list")
    objects: dict[Ref, Object] = {}
    for at, entry in enumerate(raw):
        try:
            item = _object(entry)
        except _Mistake as mistake:
            source.damaged(str(mistake), _offset(source.text, name, at))
        ref = item.ref
        if ref in objects:
            source.damaged(f"{ref} is listed a second time", _offset(source.text, name, at))
        objects[ref] = item
    return objects


def _object(entry: Any) -> Object:
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
        raise _Mistake(f"an object with a `kind` expected, not {_shown(entry)}")
    kind = entry["kind"]
    cls = _kinds().get(kind, Definition)
    if cls is Definition and "sql" not in entry:
        raise _Mistake(f"`{kind}` is not a kind of object{did_you_mean(kind, _kinds(), quote='`')}")
    given = entry if cls is Definition else {key: value for key, value in entry.items() if key != "kind"}
    try:
        decoded: Object = _shape(cls).decode(given)
    except _Mistake as mistake:
        raise _Mistake(f"{kind} {_shown(entry.get('name'))}: {mistake}") from mistake
    return decoded


def _offset(text: str, name: str, place: int) -> int:
    """Offset of the object at index ``place`` of the list, for error messages."""
    decoder, start = json.JSONDecoder(), re.search(rf'"{name}"\s*:\s*\[\s*', text)
    at = start.end() if start else 0
    for _ in range(place if start else 0):
        at = decoder.raw_decode(text, at)[1]
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
    return at


# -- fields -> coders ---------------------------------------------------------------------------------------------


class _Mistake(ValueError):
    """A wrong value. The caller that knows its offset turns it into ``DamagedState``."""


def _shown(value: Any) -> str:
    text = _json(value)
    return text if len(text) <= 40 else text[:37] + "..."


@dataclass(frozen=True, slots=True)
class _Coder:
    """Conversion of values of one type to JSON and back."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


class _Shape:
    """Coders of a class's fields, resolved once because a schema has thousands of objects."""

    def __init__(self, cls: type) -> None:
        hints = typing.get_type_hints(cls)
        self._cls = cls
        self._fields: list[tuple[str, Any, Callable[[Any], Any] | None]] = []
        self._decoders: dict[str, Callable[[Any], Any]] = {}
        self._required: list[str] = []
        for spec in fields(cls):
            coder = _coder(hints[spec.name])
            default = spec.default if spec.default is not MISSING else None
            self._fields.append((spec.name, default, None if coder.encode is _same else coder.encode))
            self._decoders[spec.name] = coder.decode
            if spec.default is MISSING and not _optional(hints[spec.name]):
                self._required.append(spec.name)
        self._absent = {s.name: None for s in fields(cls) if s.default is MISSING and s.name not in self._required}

    def encode(self, item: Any) -> dict[str, Any]:
        """JSON values by field, without the fields that have their default."""
        encoded = {}
        for name, default, encode in self._fields:
            value = getattr(item, name)
            if value is not default and value != default:
                encoded[name] = value if encode is None else encode(value)
        return encoded

    def decode(self, raw: dict[str, Any]) -> Any:
        """Build the object. Raises ``_Mistake``, which names the field."""
        decoders = self._decoders
        values: dict[str, Any] = {}
        for name, value in raw.items():
            decode = decoders.get(name)
            if decode is None:
                raise _Mistake(f"unknown field `{name}`{did_you_mean(name, decoders, quote='`')}")
            try:
                values[name] = decode(value)
            except _Mistake as mistake:
                raise _Mistake(f"{name}: {mistake}") from mistake
        for name in self._required:
            if name not in values:
                raise _Mistake(f"no `{name}`")
        return self._cls(**(self._absent | values if self._absent else values))


@cache
def _shape(cls: type) -> _Shape:
    return _Shape(cls)


@cache
def _kinds() -> dict[str, type]:
    """Classes by kind, for all objects that can be in a schema on their own."""
    parts = (Object, Column, model.Identity, model.Computed, Definition)
    classes = [item for item in vars(model).values() if isinstance(item, type) and item not in parts]
    return {cls.kind: cls for cls in classes if issubclass(cls, Object) and "kind" in vars(cls)}


def _optional(hint: Any) -> bool:
    return isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint)


def _same(value: Any) -> Any:
    return value


def _coder(hint: Any) -> _Coder:
    """The coder of a type annotation of ``core/model``."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if _optional(hint):
        (inner,) = (part for part in typing.get_args(hint) if part is not type(None))
        return _maybe(_coder(inner))
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and args[-1] is Ellipsis:
        return _sequence(_coder(args[0]))
    if origin is tuple:
        return _fixed(tuple(map(_coder, args)))
    if origin is frozenset:
        each = _sequence(_coder(args[0]))
        return _Coder(
            lambda refs: each.encode(sorted(refs, key=lambda ref: ref.key)), lambda raw: frozenset(each.decode(raw))
        )
    if origin is Mapping:
        return _by_name(_coder(args[1]))
    if is_dataclass(hint):
        return _nested(typing.cast(type, hint))
    raise TypeError(f"no state form for {hint}")


def _maybe(inner: _Coder) -> _Coder:
    if inner.encode is _same:
        return _Coder(_same, lambda raw: None if raw is None else inner.decode(raw))
    return _Coder(
        lambda value: None if value is None else inner.encode(value),
        lambda raw: None if raw is None else inner.decode(raw),
    )


def _listed(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise _Mistake(f"a list expected, not {_shown(raw)}")
    return raw


def _sequence(each: _Coder) -> _Coder:
    encode, decode = each.encode, each.decode
    return _Coder(
        lambda values: [encode(value) for value in values], lambda raw: tuple([decode(one) for one in _listed(raw)])
    )


def _fixed(coders: tuple[_Coder, ...]) -> _Coder:
    def decode(raw: Any) -> tuple[Any, ...]:
        if len(_listed(raw)) != len(coders):
            raise _Mistake(f"{len(coders)} values expected, not {_shown(raw)}")
        return tuple(coder.decode(one) for coder, one in zip(coders, raw, strict=True))

    return _Coder(lambda values: [coder.encode(one) for coder, one in zip(coders, values, strict=True)], decode)


def _by_name(each: _Coder) -> _Coder:
    """Coder of an ordered mapping by name, stored as a list because the name is a field."""

    def decode(raw: Any) -> dict[str, Any]:
        by_name = {}
        for one in _listed(raw):
            try:
                item = each.decode(one)
            except _Mistake as mistake:
                name = one.get("name") if isinstance(one, dict) else one
                raise _Mistake(f"{_shown(name)}: {mistake}") from mistake
            if item.name in by_name:
                raise _Mistake(f"{_shown(item.name)} is listed twice")
            by_name[item.name] = item
        return by_name

    return _Coder(lambda items: [each.encode(item) for item in items.values()], decode)


def _nested(cls: type) -> _Coder:
    """Coder of a value inside an object: its first field alone if that is a text and all others have their default."""
    shape, first = _shape(cls), fields(cls)[0].name
    bare = cls is not Column

    def encode(item: Any) -> Any:
        encoded = shape.encode(item)
        return encoded[first] if bare and len(encoded) == 1 and isinstance(encoded.get(first), str) else encoded

    def decode(raw: Any) -> Any:
        if bare and isinstance(raw, str):
            return shape.decode({first: raw})
        if not isinstance(raw, dict):
            raise _Mistake(f"an object expected, not {_shown(raw)}")
        return shape.decode(raw)

    return _Coder(encode, decode)


# -- values with a form of their own ------------------------------------------------------------------------------


def _expects(kind: type, words: str) -> _Coder:
    def decode(raw: Any) -> Any:
        if type(raw) is not kind:
            raise _Mistake(f"{words} expected, not {_shown(raw)}")
        return raw

    return _Coder(_same, decode)


def _encode_ref(ref: Ref) -> Any:
    """Write a table of the default schema as its name, any other reference as an object."""
    if ref.kind == "table" and ref.schema is None and ref.table is None:
        return ref.name
    return {key: value for key, value in ref._asdict().items() if value is not None}


def _decode_ref(raw: Any) -> Ref:
    if isinstance(raw, str):
        return Ref("table", raw)
    if not isinstance(raw, dict) or not {"kind", "name"} <= set(raw) <= set(Ref._fields):
        raise _Mistake(f"a name, or an object with kind and name, expected, not {_shown(raw)}")
    if not all(isinstance(value, str) for value in raw.values()):
        raise _Mistake(f"texts expected, not {_shown(raw)}")
    return Ref(**raw)


@lru_cache(maxsize=4096)
def _type_text(datatype: DataType) -> str | None:
    """The type as one text; ``None`` if parsing that text would not return the same type."""
    text = str(datatype)
    return text if datatype.ref is None and parse_type(text) == datatype else None


def _encode_type(datatype: DataType) -> Any:
    text = _type_text(datatype)
    return _shape(DataType).encode(datatype) if text is None else text


def _decode_type(raw: Any) -> DataType:
    if isinstance(raw, str):
        return parse_type(raw)
    if not isinstance(raw, dict):
        raise _Mistake(f"a type expected, not {_shown(raw)}")
    return _shape(DataType).decode(raw)  # type: ignore[no-any-return]


def _encode_expression(expression: Expression) -> Any:
    return expression.text if expression.text == expression.key else {"text": expression.text, "key": expression.key}


def _decode_expression(raw: Any) -> Expression:
    if isinstance(raw, str):
        return Expression(raw)
    if (
        not isinstance(raw, dict)
        or set(raw) != {"text", "key"}
        or not all(isinstance(one, str) for one in raw.values())
    ):
        raise _Mistake(f"an expression expected, not {_shown(raw)}")
    return Expression(raw["text"], raw["key"])


def _decode_options(raw: Any) -> Options:
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise _Mistake(f"options with texts expected, not {_shown(raw)}")
    return Options.of(raw) if raw else NO_OPTIONS


def _decode_number(raw: Any) -> int:
    """Read a count of array dimensions: the only numbers that a schema has."""
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= _LARGEST:
        raise _Mistake(f"a number from 0 to {_LARGEST} expected, not {_shown(raw)}")
    return raw


_LARGEST = 1000


_SCALARS: dict[Any, _Coder] = {
    str: _expects(str, "a text"),
    int: _Coder(_same, _decode_number),
    bool: _expects(bool, "true or false"),
    Ref: _Coder(_encode_ref, _decode_ref),
    DataType: _Coder(_encode_type, _decode_type),
    Expression: _Coder(_encode_expression, _decode_expression),
    Options: _Coder(lambda options: dict(options.pairs), _decode_options),
}
