"""Diagrams as Mermaid's ``erDiagram``, which GitHub, GitLab and many wikis draw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbwarden.core.diagram import ChangeMark, Diagram, DiagramColumn, DiagramRelation, DiagramTable, Fate
from dbwarden.core.types import Ref

# What Mermaid 11 reads as the type or name of an attribute, and as the quoted name of an entity (erDiagram.jison).
_NOT_IN_WORDS = re.compile(r"[^A-Za-z0-9_\[\]()\-\u00c0-\ud7ff\uf900-\uffef]+")
_NOT_FIRST = re.compile(r"[^A-Za-z_\u00c0-\ud7ff\uf900-\uffef]")
_NOT_IN_NAMES = re.compile(r'["%\\\x00-\x1f\x7f-\x9f\u2028\u2029]')
_CLASSES = {
    ChangeMark.ADDED: "fill:#e2f5ea,stroke:#13703f,color:#1b2330",
    ChangeMark.DROPPED: "fill:#fdeae8,stroke:#b42b21,color:#1b2330",
    ChangeMark.CHANGED: "fill:#fcf1d8,stroke:#875600,color:#1b2330",
}


def mermaid(diagram: Diagram) -> str:
    """The diagram as text for Mermaid 10 and later; what changes is named in comments and coloured from Mermaid 11 on."""
    names = _names(diagram)
    lines = ["erDiagram"]
    for table in diagram.tables:
        lines += _entity(table, names[table.ref])
    lines += (_relation(relation, names) for relation in diagram.relations)
    marked = [table for table in diagram.tables if table.fate.mark is not ChangeMark.NONE]
    lines += (f"    class {names[table.ref]} {table.fate.mark}" for table in marked if _is_word(names[table.ref]))
    used = dict.fromkeys(table.fate.mark for table in marked if _is_word(names[table.ref]))
    lines += (f"    classDef {mark} {_CLASSES[mark]}" for mark in used)
    return "\n".join(lines) + "\n"


def _names(diagram: Diagram) -> dict[Ref, str]:
    """Names of entities, quoted where Mermaid needs it; those that differ only in what it cannot read get a number."""
    names: dict[Ref, str] = {}
    taken: set[str] = set()
    for ref, label in diagram.labels.items():
        plain = _NOT_IN_NAMES.sub("_", label) or "_"
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add(name)
        names[ref] = name if _is_word(name) and name not in _RESERVED else f'"{name}"'
    return names


_RESERVED = {
    "class",
    "classDef",
    "style",
    "title",
    "direction",
    "erDiagram",
    "accTitle",
    "accDescr",
    "one",
    "only",
    "to",
}
_RESERVED |= {"many", "zero", "optionally", "u", "o", "TB", "BT", "LR", "RL"}


def _is_word(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None


def _entity(table: DiagramTable, name: str) -> Iterator[str]:
    if not table.columns:
        yield f"    {name} {{"
        yield "    }"
        return
    yield f"    {name} {{"
    yield from (f"        {_attribute(column)}" for column in table.columns)
    yield "    }"


def _attribute(column: DiagramColumn) -> str:
    keys = [("PK", column.primary), ("FK", column.foreign), ("UK", column.unique and not column.primary)]
    words = [_word(column.type.lower()) or "_", _word(column.name)]
    listed = ", ".join(key for key, present in keys if present)
    words += [listed] if listed else []
    notes = [
        _change(column.fate),
        column.name if words[1] != column.name else "",
        "" if column.nullable or column.primary else "not null",
        column.comment or "",
    ]
    comment = "; ".join(" ".join(note.split()) for note in notes if note)
    return " ".join([*words, *([f'"{_comment(comment)}"'] if comment else [])])


def _change(fate: Fate) -> str:
    return f"{fate.mark}: {fate.detail}" if fate.detail else str(fate.mark)


def _word(text: str) -> str:
    word = _NOT_IN_WORDS.sub("_", text.replace(", ", "_")).rstrip("_") or "_"
    return f"_{word}" if _NOT_FIRST.match(word) else word


def _comment(text: str) -> str:
    return _NOT_IN_NAMES.sub("'", text)


def _relation(relation: DiagramRelation, names: dict[Ref, str]) -> str:
    """``customers ||--o{ orders : customer_id``: exactly one customer, any number of orders."""
    target, source = names[relation.target], names[relation.table]
    if not relation.columns:
        return f'    {target} ||..o{{ {source} : "read by"'
    one = "|o" if relation.optional else "||"
    many = "o|" if relation.one else "o{"
    change = _change(relation.fate)
    label = _comment(", ".join(relation.columns) + (f" ({change})" if change else ""))
    return f'    {target} {one}--{many} {source} : "{label}"'
