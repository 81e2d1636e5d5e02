"""SQL text -> actions: the DDL that rules ask about, read token by token. What is not understood is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dbwarden.core.sqltext import Lexis, Token, TokenKind, words
from dbwarden.core.types import Ref

from .actions import (
    Action,
    AddColumn,
    AddConstraint,
    AddEnumValue,
    ChangeType,
    ColumnText,
    Constraint,
    CopyRows,
    CreateEnum,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropTable,
    RenameColumn,
    RenameTable,
    RenameType,
    SetNotNull,
)

_CLOSING = {'"': '"', "`": "`", "[": "]"}
_CONSTRAINTS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "KEY", "INDEX", "LIKE", "FULLTEXT")
_BEHIND_TYPE = frozenset(
    "NOT NULL DEFAULT PRIMARY UNIQUE REFERENCES CHECK CONSTRAINT GENERATED COLLATE AS USING COMMENT AUTO_INCREMENT"
    " AUTOINCREMENT KEY FIRST AFTER ON DEFERRABLE INITIALLY STORED VIRTUAL COMPRESSION STORAGE IDENTITY".split()
)
_CLOSE = frozenset((")", ",", ".", "::", "]"))
_GENERATED = frozenset(("GENERATED", "AS", "AUTO_INCREMENT", "IDENTITY"))
_NUMBERED = ("SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8")


class Reader:
    """A place in a list of tokens. Names without quotes are lower case; ``default`` is the schema nobody writes."""

    def __init__(self, tokens: Sequence[Token], default: str | None = None) -> None:
        self.tokens, self.default, self.at = tokens, default, 0

    def word(self, ahead: int = 0) -> str:
        """The token in capitals; empty behind the end and for what is quoted."""
        at = self.at + ahead
        if at >= len(self.tokens) or self.tokens[at].kind in (TokenKind.IDENTIFIER, TokenKind.STRING):
            return ""
        return self.tokens[at].text.upper()

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def skip(self, *words_: str) -> bool:
        """Go past these words if they stand here."""
        if all(self.word(ahead) == word for ahead, word in enumerate(words_)):
            self.at += len(words_)
            return True
        return False

    def name(self) -> str:
        """A name, its quotes taken off; empty at the end."""
        if self.done:
            return ""
        token = self.tokens[self.at]
        self.at += 1
        return unquoted(token)

    def table(self) -> Ref:
        """A name with or without its schema."""
        schema, name = None, self.name()
        while self.word() == ".":
            self.at += 1
            schema, name = name, self.name()
        return Ref("table", name, None if schema == self.default else schema)

    def group(self) -> list[Token]:
        """The tokens inside the parentheses that open here; empty where none do."""
        if self.word() != "(":
            return []
        depth, start = 0, self.at + 1
        while not self.done:
            depth += {"(": 1, ")": -1}.get(self.word(), 0)
            self.at += 1
            if depth == 0:
                return list(self.tokens[start : self.at - 1])
        return list(self.tokens[start:])

    def until(self, *ends: str) -> list[Token]:
        """The tokens up to one of these words outside of parentheses, or to the end."""
        start = self.at
        while not self.done and self.word() not in ends:
            if self.word() == "(":
                self.group()
            else:
                self.at += 1
        return list(self.tokens[start : self.at])

    def items(self, tokens: Sequence[Token]) -> Iterator[Reader]:
        """A reader for each part between commas outside of parentheses."""
        inner = Reader(tokens, self.default)
        while not inner.done:
            part = inner.until(",")
            if part:
                yield Reader(part, self.default)
            inner.skip(",")

    def names(self) -> tuple[str, ...]:
        """The names in parentheses, up to the first that is an expression."""
        found: list[str] = []
        for item in self.items(self.group()):
            if item.word(1) in ("(", ".", "::", "||", "+", "-", "*") or item.word() == "(":
                break
            found.append(item.name())
        return tuple(found)


def unquoted(token: Token) -> str:
    """The name that a token stands for."""
    if token.kind is not TokenKind.IDENTIFIER:
        return token.text.lower()
    closing = _CLOSING.get(token.text[0], token.text[-1])
    return token.text[1:-1].replace(closing * 2, closing)


def joined(tokens: Sequence[Token]) -> str:
    """Tokens as one text, words in capitals."""
    return " ".join(token.text.upper() if token.kind is TokenKind.WORD else token.text for token in tokens)


def written(tokens: Sequence[Token]) -> str:
    """Tokens as people write them: no space around parentheses, commas, dots and casts."""
    found = ""
    for token in tokens:
        close = (
            token.text in _CLOSE
            or (token.text in "([" and found[-1:].isalnum())
            or found.endswith(("(", "[", ".", "::"))
        )
        found += token.text if close or not found else f" {token.text}"
    return found


def clauses(sql: str, lexis: Lexis, default: str | None) -> list[tuple[str, tuple[Action, ...]]]:
    """The statement and its actions; an ALTER TABLE of several clauses as one statement for each of them."""
    reader = Reader(list(words(sql, lexis)), default)
    if not reader.skip("ALTER", "TABLE"):
        return [(sql, tuple(_statement(reader)))]
    reader.skip("IF", "EXISTS")
    reader.skip("ONLY")
    table = reader.table()
    reader.skip("*")
    if reader.done:
        return [(sql, ())]
    head = sql[: reader.tokens[reader.at].start]
    found = []
    for part in reader.items(reader.tokens[reader.at :]):
        text = head + sql[part.tokens[0].start : part.tokens[-1].end]
        found.append((text, tuple(_clause(part, table))))
    return [(sql, found[0][1])] if len(found) == 1 else found


# -- whole statements ---------------------------------------------------------------------------------------------


def _statement(reader: Reader) -> Iterator[Action]:
    reading = _STATEMENTS.get(reader.word())
    if reading is not None:
        reader.at += 1
        yield from reading(reader)


def _create(reader: Reader) -> Iterator[Action]:
    while reader.word() in ("GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE", "OR", "REPLACE", "VIRTUAL"):
        reader.at += 1
    if reader.skip("TABLE"):
        reader.skip("IF", "NOT", "EXISTS")
        yield _create_table(reader)
    elif reader.skip("INDEX"):
        yield from _create_index(reader)
    elif reader.skip("TYPE"):
        name = reader.table()._replace(kind="enum")
        if reader.skip("AS", "ENUM"):
            yield CreateEnum(name, tuple(_literal(token) for token in reader.group() if token.text != ","))


def _literal(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")


def _alter_type(reader: Reader) -> Iterator[Action]:
    if not reader.skip("TYPE"):
        return
    name = reader.table()._replace(kind="enum")
    if reader.skip("RENAME", "TO"):
        yield RenameType(name, name._replace(name=reader.name()))
    elif reader.skip("ADD", "VALUE"):
        reader.skip("IF", "NOT", "EXISTS")
        if not reader.done:
            yield AddEnumValue(name, _literal(reader.tokens[reader.at]))


def _create_table(reader: Reader) -> CreateTable:
    table = reader.table()
    columns: list[ColumnText] = []
    constraints: list[Constraint] = []
    for item in reader.items(reader.group()):
        if item.word() in _CONSTRAINTS:
            constraint = _constraint(item)
            constraints += [constraint] if constraint else []
        else:
            columns.append(_column(item))
    return CreateTable(table, tuple(columns), tuple(constraints))


def _create_index(reader: Reader) -> Iterator[Action]:
    reader.skip("CONCURRENTLY")
    reader.skip("IF", "NOT", "EXISTS")
    reader.until("ON")
    if reader.skip("ON"):
        reader.skip("ONLY")
        table = reader.table()
        if reader.skip("USING"):
            reader.at += 1
        columns = reader.names()
        yield CreateIndex(table, columns, any(t.text.upper() == "WHERE" for t in reader.tokens[reader.at :]))


def _drop(reader: Reader) -> Iterator[Action]:
    if reader.skip("TABLE"):
        reader.skip("IF", "EXISTS")
        yield DropTable(reader.table())
        while reader.skip(","):
            yield DropTable(reader.table())


def _insert(reader: Reader) -> Iterator[Action]:
    reader.until("INTO")
    if not reader.skip("INTO"):
        return
    table, columns = reader.table(), reader.names()
    reader.until("FROM")
    if reader.skip("FROM"):
        yield CopyRows(table, reader.table(), columns)


_STATEMENTS: dict[str, Callable[[Reader], Iterator[Action]]] = {
    "CREATE": _create,
    "DROP": _drop,
    "INSERT": _insert,
    "ALTER": _alter_type,
}

# -- clauses of ALTER TABLE ---------------------------------------------------------------------------------------


def _clause(reader: Reader, table: Ref) -> Iterator[Action]:
    reading = _CLAUSES.get(reader.word())
    if reading is not None:
        reader.at += 1
        yield from reading(reader, table)


def _add(reader: Reader, table: Ref) -> Iterator[Action]:
    if reader.word() in _CONSTRAINTS:
        constraint = _constraint(reader)
        if constraint:
            yield AddConstraint(table, constraint)
        return
    reader.skip("COLUMN")
    optional = reader.skip("IF", "NOT", "EXISTS")
    yield AddColumn(table, _column(reader), optional)


def _drop_clause(reader: Reader, table: Ref) -> Iterator[Action]:
    if reader.skip("CONSTRAINT"):
        reader.skip("IF", "EXISTS")
        yield DropConstraint(table, reader.name())
        return
    if reader.word() in ("INDEX", "KEY", "PRIMARY", "FOREIGN", "CHECK", "PARTITION") and reader.word(1) not in (
        "",
        ",",
    ):
        return
    reader.skip("COLUMN")
    reader.skip("IF", "EXISTS")
    yield DropColumn(table, reader.name())


def _alter(reader: Reader, table: Ref) -> Iterator[Action]:
    if reader.word() in ("CONSTRAINT", "INDEX"):
        return
    reader.skip("COLUMN")
    column = reader.name()
    if reader.skip("SET", "NOT", "NULL"):
        yield SetNotNull(table, column)
    elif reader.skip("DROP", "NOT", "NULL"):
        yield DropNotNull(table, column)
    elif reader.skip("SET", "DATA", "TYPE") or reader.skip("TYPE"):
        type_ = written(reader.until("USING", "COLLATE"))
        reader.until("USING")
        yield ChangeType(table, column, type_, written(reader.tokens[reader.at + 1 :]) if not reader.done else None)


def _modify(reader: Reader, table: Ref) -> Iterator[Action]:
    reader.skip("COLUMN")
    column = _column(reader)
    yield ChangeType(table, column.name, column.type)


def _change(reader: Reader, table: Ref) -> Iterator[Action]:
    reader.skip("COLUMN")
    old, column = reader.name(), _column(reader)
    if old != column.name:
        yield RenameColumn(table, old, column.name)
    yield ChangeType(table, column.name, column.type)


def _rename(reader: Reader, table: Ref) -> Iterator[Action]:
    if reader.word() in ("CONSTRAINT", "INDEX", "KEY") and reader.word(1) != "TO":
        return
    if reader.word() in ("TO", "AS") and reader.word(1) != "TO":
        reader.at += 1
        new = reader.table()
        yield RenameTable(table, new if new.schema else new._replace(schema=table.schema))
        return
    if reader.word(1) != "TO":
        reader.skip("COLUMN")
    old = reader.name()
    if reader.skip("TO"):
        yield RenameColumn(table, old, reader.name())


_CLAUSES: dict[str, Callable[[Reader, Ref], Iterator[Action]]] = {
    "ADD": _add,
    "DROP": _drop_clause,
    "ALTER": _alter,
    "MODIFY": _modify,
    "CHANGE": _change,
    "RENAME": _rename,
}

# -- columns and constraints --------------------------------------------------------------------------------------


def _column(reader: Reader) -> ColumnText:
    name = reader.name()
    type_ = written(reader.until(*_BEHIND_TYPE))
    rest, default = reader.at, None
    said = _outside(reader.tokens[rest:])
    reader.until("DEFAULT")
    if reader.skip("DEFAULT"):
        start = reader.at
        reader.at += 0 if reader.group() else 1  # NULL, too, may be a default
        reader.until(*(_BEHIND_TYPE - {"AS", "ON"}))
        default = written(reader.tokens[start : reader.at])
    text = f" {' '.join(said)} "
    reader.at = rest
    reader.until("REFERENCES")
    references = reader.table() if reader.skip("REFERENCES") else None
    return ColumnText(
        name,
        type_,
        not_null=" NOT NULL " in text or " PRIMARY KEY " in text,
        default=None if default and default.upper() == "NULL" else default,
        generated=not _GENERATED.isdisjoint(said) or type_.upper() in _NUMBERED,
        primary=" PRIMARY KEY " in text,
        unique="UNIQUE" in said,
        references=references,
    )


def _outside(tokens: Sequence[Token]) -> list[str]:
    """The words outside of parentheses, in capitals."""
    found, depth = [], 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and token.kind is TokenKind.WORD:
            found.append(token.text.upper())
    return found


def _constraint(reader: Reader) -> Constraint | None:
    text = joined(reader.tokens[reader.at :])
    name = reader.name() if reader.skip("CONSTRAINT") else None
    for kind in ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK", "EXCLUDE"):
        if reader.skip(*kind.split()):
            break
    else:
        return None
    using_index = reader.word() == "USING" and reader.word(1) == "INDEX"
    if reader.word() != "(" and kind == "UNIQUE":
        reader.until("(")
    columns = reader.names() if kind in ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY") else ()
    reader.until("REFERENCES")
    references = reader.table() if reader.skip("REFERENCES") else None
    not_valid = text.endswith("NOT VALID")
    return Constraint(kind.lower(), name, columns, references, not_valid, using_index, text)
