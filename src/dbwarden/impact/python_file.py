"""A Python file with its uses of the subjects so far."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .inference import Inference
from .mapped_classes import MappedClass, ModelCatalogue, last_name, snake, text_of
from .scope import MappedInstance, Model, NameScope, Row, TableType, Type
from .sql import Hit, SqlReader, looks_like
from .subject import Impact, Key, Subject
from .usage import Confidence, Usage

Place = tuple[int, int]
"""Line (1-based) and offset in it, in bytes of UTF-8 as the syntax tree counts."""


def word(name: str) -> str:
    """A pattern for a name as a whole word."""
    return rf"(?<!\w){re.escape(name)}(?!\w)"


def same(one: Key, other: Key) -> list[Confidence]:
    """Whether two tables are one, as far as both name their schema."""
    if one[1].casefold() != other[1].casefold():
        return []
    if one[0] == other[0]:
        return [Confidence.CERTAIN]
    return [Confidence.LIKELY] if one[0] is None or other[0] is None else []


@dataclass(frozen=True)
class Search:
    """Subjects that all files are searched for."""

    impact: Impact
    catalogue: ModelCatalogue
    sql: SqlReader

    def columns(self, key: Key, name: str) -> Iterator[tuple[Subject, Confidence]]:
        """The subjects that a column is."""
        for subject in self.impact.subjects:
            if subject.ref.kind == "column" and subject.ref.name.casefold() == name.casefold():
                yield from ((subject, sure) for sure in same(subject.key, key))

    def values(self, value: str | None) -> list[Subject]:
        """The subjects that a string is, where it is a value of their columns."""
        return [one for one in self.impact.subjects if one.ref.kind == "value" and one.ref.name == value]

    def tables(self, key: Key) -> Iterator[tuple[Subject, Confidence]]:
        """The subjects that a table is."""
        for subject in self.impact.subjects:
            if subject.ref.kind in ("table", "view") and subject.ref.table is None:
                yield from ((subject, sure) for sure in same((subject.ref.schema, subject.ref.name), key))


@dataclass
class PythonFile:
    """A Python file, its lines and the uses in it; the surest one counts at each place."""

    search: Search
    infer: Inference
    path: str
    shown: str
    lines: list[str]
    names: re.Pattern[str]
    usages: dict[tuple[int, int, str], Usage] = field(default_factory=dict)

    def add(self, place: Place, subject: Subject, sure: Confidence, why: str) -> None:
        """Add a use of a subject, unless one at least as certain is known at the place."""
        line, offset = place
        source = self.lines[line - 1] if line <= len(self.lines) else ""
        use = Usage(self.shown, line, _characters(source, offset) + 1, str(subject.ref), sure, why, source.strip())
        known = self.usages.get((line, use.column, use.object))
        if known is None or known.sure.rank > sure.rank:
            self.usages[line, use.column, use.object] = use

    # -- by what is known of the object

    def column(self, key: Key, name: str, place: Place, why: str, sure: Confidence = Confidence.CERTAIN) -> None:
        """A column of a table."""
        for subject, level in self.search.columns(key, name):
            self.add(place, subject, level.at_most(sure), why)

    def table(self, key: Key, place: Place, why: str) -> None:
        """A table."""
        for subject, sure in self.search.tables(key):
            self.add(place, subject, sure, why)

    def table_of(self, cls: MappedClass, place: Place) -> None:
        """The table of a class that is named."""
        for key in self.search.catalogue.tables(cls)[:1]:
            self.table(key, place, f"{cls.name} is mapped to the table")

    def member(self, base: Type, name: str, place: Place, why: str, sure: Confidence = Confidence.CERTAIN) -> None:
        """A column of a class, an instance or a table, by its attribute's name."""
        for key, column in self.columns_of(base, name):
            self.column(key, column, place, why.format(called(base)), sure)

    def columns_of(self, entity: Type, name: str) -> list[tuple[Key, str]]:
        """The columns that a name may mean in an entity."""
        if isinstance(entity, Model | MappedInstance):
            return list(self.search.catalogue.columns(entity.cls, name))
        return [(entity.key, name)] if isinstance(entity, TableType) else []

    def of_row(self, row: Row, name: str, place: Place) -> None:
        """A column of a row that was selected."""
        for label, key, column in row.columns:
            if label in (name, "*"):
                self.column(
                    key,
                    name if column == "*" else column,
                    place,
                    "column of a row that was selected",
                    Confidence.LIKELY,
                )
        for hit in self.search.sql.statements(row.sql) if looks_like(row.sql) else ():
            if hit.subject.ref.name == name:
                self.add(place, hit.subject, Confidence.LIKELY, "column of a row of SQL text")

    def by_name(self, node: ast.expr, name: str, place: Place, what: str) -> None:
        """Add a use where only the name suggests a mapped class: ``user``, ``current_user``, ``get_user()``."""
        known_as = last_name(node.func if isinstance(node, ast.Call) else node).lower()
        for (_, class_name), cls in list(self.search.catalogue.classes.items()) if known_as else ():
            words = snake(class_name)
            if known_as in (words, f"{words}_obj") or known_as.endswith(f"_{words}"):
                self.member(
                    MappedInstance(cls), name, place, f"{what} of something called {known_as}", Confidence.POSSIBLE
                )

    def values(self, nodes: Iterable[ast.expr], key: Key, column: str) -> None:
        """Strings given to or compared with a column that holds an enumeration."""
        for node in nodes:
            for item in node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]:
                for subject in self.search.values(text_of(item)):
                    if (key, column) in subject.columns:
                        self.add(inside(item), subject, Confidence.CERTAIN, f"value of {key[1]}.{column}")

    def compared(self, nodes: list[ast.expr], scope: NameScope) -> None:
        """Values of enumerations beside their columns."""
        for node in nodes:
            for key, column in self.infer.column(node, scope):
                self.values([other for other in nodes if other is not node], key, column)

    # -- strings

    def string(self, node: ast.expr, strong: bool, on: tuple[Key, ...]) -> None:
        """Add the uses in a string of SQL; ``strong`` where it is run, ``on`` the tables of its statement."""
        text = joined(node)
        if not text or not self.names.search(text):
            return
        for subject in self.search.impact.subjects:
            match = re.search(word(subject.ref.name), text) if subject.ref.kind in ("index", "constraint") else None
            if match:
                sure = Confidence.CERTAIN if text == subject.ref.name else Confidence.LIKELY
                self._hit(node, text, Hit(match.start(), subject, sure, f"names the {subject.ref.kind}"))
        if looks_like(text):
            for hit in self.search.sql.statements(text, sure=strong):
                self._hit(node, text, hit)
        elif strong:
            for hit in self.search.sql.fragment(text, on):
                self._hit(node, text, hit)

    def _hit(self, node: ast.expr, text: str, hit: Hit) -> None:
        """Add a use inside a string, at the same occurrence of the word in the source."""
        name = re.compile(word(hit.subject.ref.name), re.IGNORECASE)
        nth = sum(1 for _ in name.finditer(text[: hit.offset]))
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            source = self.lines[line - 1] if line <= len(self.lines) else ""
            start = _characters(source, node.col_offset) if line == node.lineno else 0
            for match in name.finditer(source, start):
                if nth == 0:
                    self.add((line, len(source[: match.start()].encode())), hit.subject, hit.sure, hit.why)
                    return
                nth -= 1
        self.add((node.lineno, node.col_offset), hit.subject, hit.sure, hit.why)


def called(entity: Type) -> str:
    """Name of an entity in messages."""
    if isinstance(entity, Model | MappedInstance):
        return entity.cls.name
    return f"the Table {entity.key[1]}" if isinstance(entity, TableType) else ""


def joined(node: ast.expr) -> str | None:
    """The text of strings that are added or formatted; other parts are holes."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "{h}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = joined(left), joined(right)
            return None if one is None and other is None else (one or "{h}") + (other or "{h}")
        case ast.BinOp(left=left, op=ast.Mod()):
            return joined(left)
    return None


def inside(node: ast.expr) -> Place:
    """Place where the text of a string constant begins, or that of the node."""
    return node.lineno, node.col_offset + (text_of(node) is not None)


def _characters(line: str, offset: int) -> int:
    """An offset in bytes of UTF-8 as one in characters."""
    return offset if line.isascii() else len(line.encode()[:offset].decode(errors="replace"))
