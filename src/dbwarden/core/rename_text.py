"""Reads and writes renames in command-line flags and file headers.

- Column: ``users.email:mail``, or with a schema ``audit.log.who:actor``.
- Other kinds: ``table users:people``, ``enum mood:feeling``, ``enum_value mood.sad:blue``,
  ``index people.ix_users_email:ix_people_email``, ``view recent:latest``, ``schema sales:shop``.
- Move to another schema: ``table invoices:billing.invoices``; back to the default one: ``table billing.invoices:invoices``.

A name with special characters is in double quotes, as in JSON. Later renames use the new names of earlier ones.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterable

from dbwarden.errors import UsageError

from . import kinds
from .change import Rename, after_renames
from .diff import adopt_names
from .model import Enum, Schema, ref_after
from .spelling import as_spelled, fold_ref, spell
from .suggestions import did_you_mean
from .types import Ref

# -- headers ------------------------------------------------------------------------------------------------------

_WORD = r'(?:"(?:[^"\\]|\\.)*"|[^\s.:,"\']+)'
_COMMA = re.compile(r"\s*(?:,\s*(?=\S)|\Z)")
_ITEM = re.compile(rf"(?:(?P<kind>[a-z_]+)[ ]+)?(?P<path>{_WORD}(?:\.{_WORD})*)\s*:\s*(?P<new>{_WORD}(?:\.{_WORD})?)")


def format_header(renames: Iterable[Rename]) -> str:
    """The value of the file header ``-- renames:``, on one line; the inverse of ``parse_header``."""
    return ", ".join(map(_item, renames))


def parse_header(text: str) -> tuple[Rename, ...]:
    """The renames of a header. Raises ``ValueError`` with the expected form."""
    renames: list[Rename] = []
    at = 0
    while at < len(text) or not renames:
        match = _ITEM.match(text, at)
        if match is None:
            raise ValueError("renames such as users.email:mail, table users:people")
        renames.append(_rename(match))
        at = match.end()
        comma = _COMMA.match(text, at)
        if comma is None:
            raise ValueError("a comma between two renames")
        at = comma.end()
    return tuple(renames)


def _rename(match: re.Match[str]) -> Rename:
    kind = _KINDS_BY_WORD.get(match["kind"] or "", match["kind"]) or "column"
    path = [_unquoted(word) for word in re.findall(_WORD, match["path"])]
    alone = kinds.of(kind).container is None
    least = 1 if alone else 2
    if not kinds.of(kind).renamable:
        raise ValueError(f"a kind of object before {match['path']}, not {kind}")
    if not least <= len(path) <= least + 1:
        raise ValueError(f"{'name' if alone else 'table.name'}:new for {kinds.a(kind)}")
    schema = path[0] if len(path) > least else None
    old = Ref(kind, path[-1], schema, None if alone else path[-2])
    *place, name = (_unquoted(word) for word in re.findall(_WORD, match["new"]))
    if not place and (not alone or name != old.name):
        return Rename(old, old._replace(name=name))
    if not alone or name != old.name:
        raise ValueError(
            f"only a new name, or for a table or a type the same name in another schema, not {match['new']}"
        )
    return Rename(old, old._replace(schema=place[0] if place else None))


_WORDS = {"namespace": "schema"}
"""Words for kinds that users know by another name."""
_KINDS_BY_WORD = {word: kind for kind, word in _WORDS.items()}


def flag(rename: Rename) -> str:
    """The command-line option for a rename."""
    kind, text = rename.old.kind, _item(rename)
    if kind == "table" or kinds.of(kind).container is not None:
        text = text.removeprefix(f"{kind} ")
    return f"--rename{'-table' if kind == 'table' else ''} {shlex.quote(text)}"


def _item(rename: Rename) -> str:
    old = rename.old
    path = ".".join(_quoted(part) for part in (old.schema, old.table, old.name) if part is not None)
    kind = "" if old.kind == "column" else f"{_WORDS.get(old.kind, old.kind)} "
    place = f"{_quoted(rename.new.schema)}." if rename.moves and rename.new.schema else ""
    return f"{kind}{path}:{place}{_quoted(rename.new.name)}"


def _quoted(name: str) -> str:
    if re.fullmatch(_WORD, name) and not name.startswith('"'):
        return name
    # White space other than single blanks is escaped, because a header is one line and may fold its blanks.
    return re.sub(r"[^\S ]|(?<= ) ", lambda match: f"\\u{ord(match.group()):04x}", json.dumps(name, ensure_ascii=False))


def _unquoted(word: str) -> str:
    try:
        return str(json.loads(word)) if word.startswith('"') else word
    except ValueError:
        raise ValueError(f"a name in double quotes, not {word}") from None


# -- flags --------------------------------------------------------------------------------------------------------


def parse_table_flag(text: str, before: Schema, after: Schema, caseless: Collection[str] = ()) -> Rename:
    """The rename that ``--rename-table old:new`` means.

    Names of the ``caseless`` kinds may be typed in any case, and a rename may change only the case. Raises ``UsageError`` if
    the models still have the old name or lack the new one.
    """
    option = f"--rename-table {text}"
    rename, _ = _parse_flag(f"table {text}", option, "old:new")
    existing, modelled, wanted = (
        {table.ref for table in schema.tables()} for schema in (before, after, spell(after, before, caseless))
    )
    case_change = _case_change(rename, existing, modelled, caseless)
    if case_change is not None:
        return case_change
    rename = _as_spelled(rename, existing, wanted, caseless)
    _check(rename, existing, wanted, option)
    return rename


def parse_flag(
    text: str, before: Schema, after: Schema, decided: Iterable[Rename] = (), caseless: Collection[str] = ()
) -> Rename:
    """The rename that ``--rename table.old:new`` means: of a column, else of a constraint, an index, an enum value, a trigger or
    the like. ``kind old:new`` means an object that belongs to no table: ``view recent:latest``, ``schema sales:shop``.

    1. The table is found in both schemas, under its old name or the new one that ``decided`` gives.
    2. Its columns, then its constraints, indexes and triggers, are searched for the old name. A kind in ``text`` selects one.
    3. The first that the models have only under the new name is the result, which applies after ``decided``.

    ``caseless`` and errors are those of ``parse_table_flag``.
    """
    option, decided = f"--rename {text}", tuple(decided)
    rename, explicit = _parse_flag(text, option, "table.old:new")
    current = after_renames(before, decided)
    if rename.old.kind == "table":
        raise UsageError(
            f"{option}: a table cannot be renamed here", hint="For tables there is --rename-table OLD:NEW."
        )
    if kinds.of(rename.old.kind).container is None:
        alike = [[ref for ref in schema if ref.kind == rename.old.kind] for schema in (current, after)]
        rename = _with_arguments(rename, alike[0], alike[1])
        _check(rename, alike[0], alike[1], option)
        return rename
    desired = adopt_names(current, spell(after, current, caseless))
    table = as_spelled(
        rename.old._replace(kind="table", name=rename.old.table or "", table=None), (*before, *desired), caseless
    )
    owner = _owner(rename.old._replace(table=table.name), (current, desired), decided, option)
    existing, wanted = _renamable_parts(current, owner), _renamable_parts(desired, owner)
    modelled = [ref._replace(table=owner.name) for ref in _renamable_parts(after, as_spelled(owner, after, caseless))]
    called = [rename.old.kind] if explicit else _kinds_called(rename.old.name, existing, caseless)
    meant = [_called(rename, owner, kind) for kind in called or (next(iter(existing)).kind if existing else "column",)]
    case_changes = [_case_change(candidate, existing, modelled, caseless) for candidate in meant]
    if case_changes[0] is not None:
        return case_changes[0]
    meant = [_as_spelled(candidate, existing, wanted, caseless) for candidate in meant]
    best = next(
        (
            candidate
            for candidate in meant
            if candidate.old not in wanted and candidate.new in wanted and candidate.new not in existing
        ),
        meant[0],
    )
    _check(best, existing, wanted, option)
    return best


def _with_arguments(rename: Rename, existing: Iterable[Ref], wanted: Iterable[Ref]) -> Rename:
    """The rename of a routine by its name alone, with the arguments that both sides have, if only one fits."""
    if not kinds.of(rename.old.kind).is_routine or "(" in rename.old.name:
        return rename
    sides = [
        {other.name.partition("(")[2] for other in refs if other.name.partition("(")[0] == ref.name}
        for ref, refs in ((rename.old, existing), (rename.new, wanted))
    ]
    common = sides[0] & sides[1]
    if len(common) != 1:
        return rename
    arguments = f"({common.pop()}"
    return Rename(*(ref._replace(name=ref.name + arguments) for ref in (rename.old, rename.new)))


def _parse_flag(text: str, option: str, form: str) -> tuple[Rename, bool]:
    """The rename, and whether its kind was given."""
    match = _ITEM.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{option}: {form} expected", hint="Write a name with dots, colons or blanks in double quotes."
        )
    try:
        return _rename(match), match["kind"] is not None
    except ValueError as reason:
        raise UsageError(f"{option}: {form} expected: {reason}") from None


def _kinds_called(name: str, refs: Iterable[Ref], caseless: Collection[str]) -> list[str]:
    return [ref.kind for ref in refs if as_spelled(ref._replace(name=name), (ref,), caseless) == ref]


def _case_change(
    rename: Rename, existing: Collection[Ref], modelled: Collection[Ref], caseless: Collection[str]
) -> Rename | None:
    """The rename to the models' spelling, if both names differ only in case and the engine ignores that."""
    if fold_ref(rename.old, caseless) != fold_ref(rename.new, caseless):
        return None
    old, new = as_spelled(rename.old, existing, caseless), as_spelled(rename.new, modelled, caseless)
    return Rename(old, new) if old in existing and new in modelled and old != new else None


def _as_spelled(
    rename: Rename, existing: Collection[Ref], wanted: Collection[Ref], caseless: Collection[str]
) -> Rename:
    return Rename(as_spelled(rename.old, existing, caseless), as_spelled(rename.new, wanted, caseless))


def _called(rename: Rename, owner: Ref, kind: str) -> Rename:
    old = Ref(kind, rename.old.name, owner.schema, owner.name)
    return Rename(old, old._replace(name=rename.new.name))


def _owner(inside: Ref, sides: tuple[Schema, Schema], decided: Iterable[Rename], option: str) -> Ref:
    """The table or enum that contains ``inside`` on both sides. Raises ``UsageError``."""
    table, *others = (
        Ref(kind, inside.table or "", inside.schema) for kind in ("table", "enum", "view", "materialized_view")
    )
    for rename in decided:
        table = ref_after(table, rename.old, rename.new)
    for ref in (table, *others):
        if all(ref in side for side in sides):
            return ref
    if table in sides[0]:
        raise UsageError(
            f"{option}: {table} is not in the models", hint=f"If it was renamed: --rename-table {table.name}:NEW"
        )
    if table in sides[1]:
        raise UsageError(f"{option}: {table} is new", hint=f"If it was renamed: --rename-table OLD:{table.name}")
    tables = {ref for side in sides for ref in side if ref.kind == "table"}
    raise UsageError(f"{option}: there is no {table}{_nearest(table, tables)}")


def _renamable_parts(schema: Schema, owner: Ref) -> dict[Ref, None]:
    """Parts of a table or an enum that can be renamed, columns first."""
    item = schema.get(owner)
    if isinstance(item, Enum):
        return {Ref("enum_value", value, owner.schema, owner.name): None for value in item.values}
    columns = [ref for ref in item.parts() if ref.kind == "column"] if item is not None else []
    members = (
        member.ref
        for member in schema.members(owner)
        if kinds.of(member.kind).renamable and getattr(member, "name", None) is not None
    )
    return dict.fromkeys((*columns, *members))


def _check(rename: Rename, existing: Collection[Ref], wanted: Collection[Ref], option: str) -> None:
    """Raise ``UsageError`` unless the models lack the old name and have the new one."""
    old, new = rename.old, rename.new
    if old not in existing:
        raise UsageError(f"{option}: there is no {old}{_nearest(old, existing)}")
    if old in wanted:
        raise UsageError(f"{option}: {old} is still in the models, so it was not renamed")
    if new in existing:
        raise UsageError(f"{option}: there is a {new} already, so nothing was renamed to it")
    if new not in wanted:
        raise UsageError(f"{option}: the models have no {new}{_nearest(new, wanted)}")


def _nearest(ref: Ref, refs: Iterable[Ref]) -> str:
    names = {str(other).partition(" ")[2] if other.kind == "table" else other.name for other in refs}
    return did_you_mean(ref.name, sorted(names), most=3, quote="")
