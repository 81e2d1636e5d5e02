"""Uses in a Python file, entered by what is known of the expression that stands there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .mapped_classes import MappedClass, ModelCatalogue
from .resolver import Hit
from .sql import SqlReader, is_statement
from .subject import Impact, Key, Subject
from .syntax import Place, items_of, last_name, snake, start_of, text_of, text_parts, whole_word
from .types import ColumnType, Entity, MappedInstance, Row, TableType, Type
from .usage import Confidence, FileUses


@dataclass(frozen=True)
class Search:
    """Subjects that all files are searched for, and what is known of the code base."""

    impact: Impact
    catalogue: ModelCatalogue
    sql: SqlReader
    names: re.Pattern[str]
    """Every word that a use may be written with."""


@dataclass(frozen=True, slots=True)
class SqlContext:
    """Place of a string: whether it is run as SQL, and the tables of the statement around it."""

    is_run: bool = False
    tables: tuple[Key, ...] = ()


NO_SQL = SqlContext()


@dataclass
class PythonUses:
    """Uses in the file at ``path``."""

    search: Search
    path: str
    lines: list[str] = field(default_factory=list)
    display_path: str = ""
    uses: FileUses = field(init=False)

    def __post_init__(self) -> None:
        self.uses = FileUses(self.display_path, self.lines)

    def add(self, place: Place, subject: Subject, confidence: Confidence, reason: str) -> None:
        """Add a use of a subject."""
        line, offset = place
        self.uses.add(line, _characters(self._line(line), offset) + 1, str(subject.ref), confidence, reason)

    def _line(self, number: int) -> str:
        return self.lines[number - 1] if number <= len(self.lines) else ""

    # -- tables and columns

    def column(
        self, key: Key, name: str, place: Place, reason: str, confidence: Confidence = Confidence.CERTAIN
    ) -> None:
        """A column of a table."""
        for subject, level in self.search.impact.at(key, name, "column"):
            self.add(place, subject, level.at_most(confidence), reason)

    def table(self, key: Key, place: Place, reason: str) -> None:
        """A table."""
        for subject, confidence in self.search.impact.at(key, key[1], "table", "view"):
            self.add(place, subject, confidence, reason)

    def table_of(self, cls: MappedClass, place: Place) -> None:
        """The table of a class that is named."""
        for key in cls.tables[:1]:
            self.table(key, place, f"{cls.name} is mapped to the table")

    def member(
        self, base: Type | None, name: str, place: Place, reason: str, confidence: Confidence = Confidence.CERTAIN
    ) -> None:
        """A column of a class, an instance or a table, by its attribute's name, or one of a row."""
        if isinstance(base, Entity):
            for key, column in base.columns_named(name):
                self.column(key, column, place, reason.format(base.label), confidence)
        elif isinstance(base, Row):
            self._of_row(base, name, place)

    def _of_row(self, row: Row, name: str, place: Place) -> None:
        for label, type_ in row.items:
            selected: Iterable[tuple[Key, str]] = ()
            if label == name and isinstance(type_, ColumnType):
                selected = type_.columns
            elif isinstance(type_, TableType):
                selected = type_.columns_named(name)
            for key, column in selected:
                self.column(key, column, place, "column of a row that was selected", Confidence.LIKELY)
        for hit in self.search.sql.statements(row.sql) if is_statement(row.sql) else ():
            if hit.subject.ref.name == name:
                self.add(place, hit.subject, Confidence.LIKELY, "column of a row of SQL text")

    def by_name(self, node: ast.expr, name: str, place: Place, use: str) -> None:
        """A column where only a name suggests the mapped class: ``user``, ``current_user``, ``get_user()``."""
        known_as = last_name(node.func if isinstance(node, ast.Call) else node).lower()
        reason = f"{use} of something called {known_as}"
        for (_, class_name), cls in list(self.search.catalogue.classes.items()) if known_as else ():
            words = snake(class_name)
            if known_as in (words, f"{words}_obj") or known_as.endswith(f"_{words}"):
                self.member(MappedInstance(cls), name, place, reason, Confidence.POSSIBLE)

    # -- values

    def values(self, nodes: Iterable[ast.expr], columns: Iterable[tuple[Key, str]]) -> None:
        """Strings given to or compared with columns that hold an enumeration."""
        items = [(item, text_of(item)) for node in nodes for item in items_of(node)]
        for key, column in columns:
            for item, text in items:
                for subject in self.search.impact.values(text):
                    if (key, column) in subject.columns:
                        self.add(start_of(item), subject, Confidence.CERTAIN, f"value of {key[1]}.{column}")

    def compared(self, sides: list[tuple[ast.expr, Type | None]]) -> None:
        """Values of enumerations beside their columns."""
        for node, type_ in sides:
            if isinstance(type_, ColumnType):
                self.values([other for other, _ in sides if other is not node], type_.columns)

    # -- strings

    def string(self, node: ast.expr, context: SqlContext) -> None:
        """Names of indexes and constraints, and the uses in SQL."""
        text = "".join(part if isinstance(part, str) else "{h}" for part in text_parts(node))
        if not self.search.names.search(text):
            return
        for subject in self.search.impact.subjects:
            kind, name = subject.ref.kind, subject.ref.name
            if kind in ("index", "constraint") and (match := re.search(whole_word(name), text)):
                confidence = Confidence.CERTAIN if text == name else Confidence.LIKELY
                self._hit(node, text, Hit(match.start(), subject, confidence, f"names the {kind}"))
        if is_statement(text):
            hits = iter(self.search.sql.statements(text, sure=context.is_run))
        else:
            hits = self.search.sql.fragment(text, context.tables) if context.is_run else iter(())
        for hit in hits:
            self._hit(node, text, hit)

    def _hit(self, node: ast.expr, text: str, hit: Hit) -> None:
        """Add a use inside a string, at the same occurrence of the word in the source."""
        name = re.compile(whole_word(hit.subject.ref.name), re.IGNORECASE)
        nth = sum(1 for _ in name.finditer(text[: hit.offset]))
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            source = self._line(line)
            start = _characters(source, node.col_offset) if line == node.lineno else 0
            for match in name.finditer(source, start):
                if nth == 0:
                    self.uses.add(line, match.start() + 1, str(hit.subject.ref), hit.confidence, hit.reason)
                    return
                nth -= 1
        self.add((node.lineno, node.col_offset), hit.subject, hit.confidence, hit.reason)


def _characters(line: str, offset: int) -> int:
    """An offset in bytes of UTF-8 as one in characters."""
    return offset if line.isascii() else len(line.encode()[:offset].decode(errors="replace"))
