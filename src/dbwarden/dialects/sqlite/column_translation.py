"""Translation of one column definition that was written for MySQL or MariaDB by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.dialect import Dialect
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import literal, to_text
from dbwarden.core.type_table import NUMBERS, Family
from dbwarden.core.types import DataType, parse_type

from . import expressions
from .collations import collation_of
from .type_translation import map_type
from .types import declared
from .words import quote

_NO_EXPRESSION = "SQLite has no such expression"
_MODIFIERS = ("UNSIGNED", "SIGNED", "ZEROFILL")
_SECOND_WORDS = ("PRECISION", "VARYING", "CHAR", "CHARACTER", "VARCHAR", "VARBINARY", "VARCHARACTER", "BYTE")
"""Words that continue the name of a type."""
_WITH_VALUE = (
    "COMMENT",
    "COLUMN_FORMAT",
    "STORAGE",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "SRID",
    "REF_SYSTEM_ID",
    "AFTER",
)
_EXPRESSION_ENDS = (
    "NOT NULL AUTO_INCREMENT PRIMARY UNIQUE KEY COMMENT COLLATE ON GENERATED AS INVISIBLE VISIBLE CHECK CONSTRAINT REFERENCES"
    " FIRST AFTER COLUMN_FORMAT STORAGE"
).split()


@dataclass(frozen=True)
class ColumnDefinition:
    """A column definition, clause by clause."""

    name: str
    type: DataType
    labels: tuple[str, ...] = ()
    """Values of an ENUM or SET."""
    not_null: bool = False
    default: str | None = None
    numbered: bool = False
    primary: bool = False
    unique: bool = False
    collation: str | None = None
    computed: str | None = None
    stored: bool = False
    on_update: str | None = None
    invisible: bool = False
    check: str | None = None
    references: str | None = None
    charset: str | None = None


def read_column(at: Cursor) -> ColumnDefinition:
    """Read a column definition from its name on."""
    name = at.name()
    start = at.at
    at.take()
    while at.word() in _SECOND_WORDS and at.word(1) != "SET":
        at.at += 1
    group = at.group()
    text, modifiers = to_text(at.between(start)), " ".join(at.skip_any(*_MODIFIERS)).lower()
    labels = tuple(literal(token) for token in group if token.kind is TokenKind.STRING)
    datatype = DataType(text.split("(")[0].strip().lower()) if labels else parse_type(text, at.lexical_rules)
    datatype = replace(
        datatype, modifiers=modifiers.replace("signed", "").strip() if modifiers == "signed" else modifiers
    )
    definition = ColumnDefinition(name, datatype, labels, numbered=datatype.name == "serial")
    while not at.at_end:
        definition = _attribute(definition, at)
    return definition


def _attribute(column: ColumnDefinition, at: Cursor) -> ColumnDefinition:
    """The definition with the attribute that begins here."""
    if at.skip("NOT", "NULL"):
        return replace(column, not_null=True)
    if at.skip("DEFAULT"):
        return replace(column, default=_expression(at))
    if at.skip("ON", "UPDATE"):
        return replace(column, on_update=_expression(at))
    if at.skip("AUTO_INCREMENT"):
        return replace(column, numbered=True)
    if at.skip("PRIMARY"):
        at.skip("KEY")
        return replace(column, primary=True, not_null=True)
    if at.skip("UNIQUE"):
        at.skip("KEY")
        return replace(column, unique=True)
    if at.skip("KEY"):
        return replace(column, primary=True, not_null=True)
    if at.skip("COLLATE"):
        at.skip("=")
        return replace(column, collation=_word(at))
    if at.skip("CHARACTER", "SET") or at.skip("CHARSET"):
        return replace(column, charset=_word(at))
    if at.skip("GENERATED", "ALWAYS", "AS") or at.skip("AS"):
        return replace(column, computed=at.source(at.group()))
    if at.skip("CHECK"):
        check = at.source(at.group())
        return column if at.skip("NOT", "ENFORCED") else replace(column, check=check)
    if at.skip("REFERENCES"):
        start = at.at
        there = at.ref("table").name
        columns = ", ".join(quote(part.name()) for part in at.items(at.group()))
        start = at.at
        at.until(*(set(_EXPRESSION_ENDS) - {"ON", "NOT", "NULL"}))
        actions = to_text(at.between(start))
        return replace(column, references=f"REFERENCES {quote(there)} ({columns}) {actions}".strip())
    if at.skip_any("STORED", "PERSISTENT"):
        return replace(column, stored=True)
    if at.skip("INVISIBLE"):
        return replace(column, invisible=True)
    if at.skip_any("BINARY"):
        return replace(column, collation="binary")
    if at.skip_any(*_WITH_VALUE):
        at.skip("=")
    at.take()
    return column


def _expression(at: Cursor) -> str:
    start = at.at
    if not at.group():
        at.take()
        at.group()
    at.until(*_EXPRESSION_ENDS)
    return at.source(at.between(start))


def _word(at: Cursor) -> str:
    token = at.take()
    if token is None:
        return ""
    return literal(token) if token.kind is TokenKind.STRING else token.text.strip("`").lower()


@dataclass(frozen=True)
class ColumnTranslation:
    """Translation of one column; ``losses`` are added to."""

    column: ColumnDefinition
    where: str
    source: Dialect
    losses: list[tuple[str, str]]

    def lose(self, change: str, reason: str) -> None:
        """Add a loss; ``what`` continues the name of the column: `` is not numbered``, ``: DEFAULT x is left out``."""
        self.losses.append((f"{self.where}{change}", reason))

    def text(self, table_collation: str | None, is_key: bool, adding: bool = False) -> str:
        """The definition for SQLite. ``is_key``: whether the column is the whole primary key; ``adding``: whether it is added
        to a table, whose rows MySQL gives a value without being asked."""
        column = replace(self.column, stored=False) if adding else self.column
        if adding and column.primary:
            self.lose(" is not the primary key", "SQLite adds no keys to a table")
            column = replace(column, primary=False)
        if adding and column.not_null and column.default is None and column.computed is None:
            return replace(self, column=self.filled(column)).text(table_collation, is_key)
        return replace(self, column=column).definition(table_collation, is_key)

    def filled(self, column: ColumnDefinition) -> ColumnDefinition:
        """A column that is added NOT NULL without a default: with the value that MySQL gives the rows, or nullable."""
        value = {Family.TEXT: "''", Family.BYTES: "x''"}.get(self.source.types.row(DataType(column.type.name)).family)
        if self.source.types.row(DataType(column.type.name)).family in (*NUMBERS, Family.BOOLEAN):
            value = "0"
        if column.type.name == "enum" and column.labels:
            value = "'" + column.labels[0].replace("'", "''") + "'"
        if value is None:
            self.lose(" may be NULL", "SQLite adds a column with NOT NULL only together with a default")
            return replace(column, not_null=False)
        self.lose(f" gets DEFAULT {value}", "SQLite adds a column with NOT NULL only together with a default")
        return replace(column, default=value)

    def definition(self, table_collation: str | None, is_key: bool) -> str:
        column = self.column
        words = [quote(column.name), self.type(is_key)]
        is_text = self.is_text()
        if is_text and collation_of(column.collation or self._default_collation(table_collation)):
            words.append("COLLATE NOCASE")
        if column.not_null:
            words.append("NOT NULL")
        if column.primary:
            words.append("PRIMARY KEY")
        words += self.default(), self.computed(), self.check(), column.references or ""
        self.report()
        return " ".join(word for word in words if word)

    def _default_collation(self, table_collation: str | None) -> str:
        if self.column.charset == "binary":
            return "binary"
        database = str(self.source.server.settings.get("collation") or "") if self.source.server.settings else ""
        return table_collation or database or "general_ci"

    def is_text(self) -> bool:
        row = self.source.types.row(DataType(self.column.type.name))
        return row.family is Family.TEXT and self.column.type.name not in ("enum", "set")

    def type(self, is_key: bool) -> str:
        column = self.column
        if column.type.name == "enum":
            return declared(DataType("varchar", (str(max(map(len, column.labels), default=1)),)))
        mapping = map_type(column.type, self.source.types)
        if column.numbered:
            if is_key:
                return "INTEGER"
            self.lose(" is not numbered", "SQLite numbers only a single INTEGER PRIMARY KEY")
        if mapping.loss:
            self.lose(f": {column.type} becomes {declared(mapping.type)}", mapping.loss)
        return declared(mapping.type)

    def default(self) -> str:
        expression = self.column.default
        if expression is None or self.column.numbered:
            return ""
        text = expressions.translated(expression, self.source.name)
        if text is None or not expressions.is_default(text):
            self.lose(f": DEFAULT {expression} is left out", _NO_EXPRESSION)
            return ""
        return f"DEFAULT {text}" if expressions.is_plain_default(text) else f"DEFAULT ({text})"

    def computed(self) -> str:
        expression = self.column.computed
        if expression is None:
            return ""
        text = expressions.translated(expression, self.source.name)
        if text is None:
            self.lose(" is not generated", f"{_NO_EXPRESSION}: {expression}")
            return ""
        return f"AS ({text})" + (" STORED" if self.column.stored else "")

    def check(self) -> str:
        column, checks = self.column, list[str]()
        if column.type.name == "enum":
            labels = ", ".join("'" + label.replace("'", "''") + "'" for label in column.labels)
            checks.append(f"CHECK ({quote(column.name)} IN ({labels}))")
        if column.check is not None:
            text = expressions.translated(column.check, self.source.name)
            if text is None:
                self.lose(f": CHECK ({column.check}) is left out", _NO_EXPRESSION)
            else:
                checks.append(f"CHECK ({text})")
        return " ".join(checks)

    def report(self) -> None:
        """Report the attributes that SQLite does not have."""
        if self.column.on_update:
            self.lose(f": ON UPDATE {self.column.on_update} is left out", ON_UPDATE)
        if self.column.invisible:
            self.lose(" is visible", INVISIBLE)


ON_UPDATE = "SQLite sets no column when a row changes: give the column an `onupdate` in the model"
INVISIBLE = "SQLite has no invisible columns"
