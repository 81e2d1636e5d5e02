"""Translation of MySQL's CREATE TABLE, ALTER TABLE and CREATE INDEX, written by hand, clause by clause.

SQLGlot does not parse all that MySQL and MariaDB allow in a definition. So it translates the expressions only, and what is
lost is one clause and not the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.dialect import Dialect
from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import literal, to_text

from . import expressions
from .column_translation import ColumnDefinition, ColumnTranslation, read_column
from .names import index_name
from .words import quote

Losses = list[tuple[str, str]]

_REBUILD = "SQLite would have to build the table anew: write an `-- upgrade: sqlite` section"
_INDEX_WORDS = ("INDEX", "KEY")
_CHANGED = "SQLite keeps the former type and attributes of a column: write an `-- upgrade: sqlite` section"
NO_PARTITIONS = "SQLite has no partitions"
NO_START = "SQLite counts from the largest number"
_REASONS = {"PARTITION": NO_PARTITIONS, "AUTO_INCREMENT": NO_START}
"""Reason why an option of a table is left out."""
_UNNOTICED = frozenset(
    "ALGORITHM LOCK ENGINE FORCE ROW_FORMAT KEY_BLOCK_SIZE COMMENT DISABLE ENABLE ORDER STATS_PERSISTENT STATS_AUTO_RECALC"
    " STATS_SAMPLE_PAGES DEFAULT CHARACTER CHARSET COLLATE AVG_ROW_LENGTH MAX_ROWS MIN_ROWS CHECKSUM PACK_KEYS DELAY_KEY_WRITE"
    " COMPRESSION ENCRYPTION ENCRYPTED PAGE_COMPRESSED TABLESPACE WAIT NOWAIT WITHOUT WITH VALIDATION CONVERT".split()
)
"""First words of clauses whose effect a program does not notice: storage, speed, and the default of later columns."""


@dataclass
class TableTranslation:
    """Translation of one statement about ``table``; its losses so far, and statements to run after it."""

    table: str
    source: Dialect
    losses: Losses
    collation: str | None = None
    """Collation of the table: that of texts without one."""
    key: tuple[str, ...] = ()
    """Columns of the primary key."""
    behind: list[str] = field(default_factory=list)

    def lose(self, change: str, reason: str) -> None:
        self.losses.append((change, reason))

    @property
    def name(self) -> str:
        return quote(self.table)

    def column(self, definition: ColumnDefinition, adding: bool = False) -> str:
        """The definition of a column in SQLite."""
        translation = ColumnTranslation(definition, f"{self.table}.{definition.name}", self.source, self.losses)
        if definition.unique:
            self.index(True, definition.name, quote(definition.name))
        return translation.text(self.collation, self.key == (definition.name,), adding)

    # -- elements of CREATE TABLE

    def elements(self, items: list[Cursor]) -> Iterator[str]:
        """The columns and constraints inside of CREATE TABLE; indexes are statements of their own."""
        self.key = self.primary_key(items)
        for item in items:
            name = self.constraint_name(item)
            words = item.words(2)
            if words[:1] == ("PRIMARY",):
                yield self.primary(item)
            elif words[:1] in (("UNIQUE",), ("KEY",), ("INDEX",), ("FULLTEXT",), ("SPATIAL",)):
                self.index_element(item, name)
            elif words == ("FOREIGN", "KEY"):
                yield self.named(name, self.foreign_key(item))
            elif words[:1] == ("CHECK",):
                if text := self.check(item):
                    yield self.named(name, text)
            elif words[:1] == ("PERIOD",):
                self.lose(f"{self.table}: {to_text(item.rest())} is left out", "SQLite has no periods")
            else:
                yield self.column(read_column(item))

    def primary_key(self, items: list[Cursor]) -> tuple[str, ...]:
        """The columns of the primary key, which a column or an element of its own declares."""
        for item in items:
            start, name = item.at, self.constraint_name(item)
            if item.skip("PRIMARY", "KEY"):
                item.until("(")
                columns = tuple(part.name() for part in item.items(item.group()))
                item.at = start
                return columns
            item.at = start
            if name is None and item.word() not in (
                "UNIQUE",
                "FOREIGN",
                "CHECK",
                "KEY",
                "INDEX",
                "FULLTEXT",
                "SPATIAL",
            ):
                definition = read_column(item)
                item.at = start
                if definition.primary:
                    return (definition.name,)
        return ()

    def constraint_name(self, item: Cursor) -> str | None:
        """Read ``CONSTRAINT`` with or without a name; ``None`` if there is none."""
        if not item.skip("CONSTRAINT"):
            return None
        return "" if item.word() in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") else item.name()

    def named(self, name: str | None, text: str) -> str:
        return f"CONSTRAINT {quote(name)} {text}" if name else text

    def primary(self, item: Cursor) -> str:
        return f"PRIMARY KEY ({', '.join(map(quote, self.key))})"

    def foreign_key(self, item: Cursor) -> str:
        item.until("(")
        columns = ", ".join(quote(part.name()) for part in item.items(item.group()))
        item.skip("REFERENCES")
        there = item.ref("table").name
        theirs = ", ".join(quote(part.name()) for part in item.items(item.group()))
        behind = f" {to_text(item.rest())}" if item.rest() else ""
        return f"FOREIGN KEY ({columns}) REFERENCES {quote(there)} ({theirs}){behind}"

    def check(self, item: Cursor) -> str | None:
        item.skip("CHECK")
        condition = item.source(item.group())
        if item.skip("NOT", "ENFORCED"):
            return None
        text = expressions.translated(condition, self.source.name)
        if text is None:
            self.lose(f"{self.table}: CHECK ({condition}) is left out", "SQLite has no such expression")
        return None if text is None else f"CHECK ({text})"

    # -- indexes

    def index_element(self, item: Cursor, constraint: str | None = None, if_not_exists: bool = False) -> None:
        """An index inside of CREATE TABLE or ALTER TABLE ADD."""
        kinds = item.skip_any("UNIQUE", "FULLTEXT", "SPATIAL", *_INDEX_WORDS)
        if_not_exists = item.skip("IF", "NOT", "EXISTS") or if_not_exists
        name = item.name() if item.word() not in ("(", "USING") or item.token() is None else constraint or ""
        item.until("(")
        self.index_kind(item, kinds, name, if_not_exists)

    def index_kind(self, item: Cursor, kinds: tuple[str, ...], name: str, if_not_exists: bool = False) -> None:
        kind = next((word for word in kinds if word in ("FULLTEXT", "SPATIAL", "VECTOR")), None)
        if kind is not None:
            place = f"{self.table}.{name}" if name else self.table
            self.lose(f"{place} is left out", f"SQLite has no {kind.lower()} indexes")
            return
        keys = [self.key_part(part, "UNIQUE" in kinds) for part in item.items(item.group())]
        if not name:
            item.at = 0
            item.until("(")
            first = next(iter(item.items(item.group())), None)
            name = first.name() if first is not None and first.word() != "(" else "functional_index"
        texts = [key for key in keys if key is not None]
        if len(texts) < len(keys):
            self.lose(f"{self.table}.{name} is left out", "SQLite has no such expression")
            return
        self.index("UNIQUE" in kinds, name, ", ".join(texts), if_not_exists)

    def index(self, unique: bool, name: str, keys: str, if_not_exists: bool = False) -> None:
        words = "CREATE UNIQUE INDEX" if unique else "CREATE INDEX"
        exists = " IF NOT EXISTS" if if_not_exists else ""
        here = quote(index_name(name, self.table, self.source))
        self.behind.append(f"{words}{exists} {here} ON {self.name} ({keys})")

    def key_part(self, part: Cursor, unique: bool) -> str | None:
        """One key of an index: a column, an expression or, if each row must have its own, the first characters of a column."""
        if part.word() == "(":
            text = expressions.translated(part.source(part.group()), self.source.name)
            key = None if text is None else f"({text})"
        else:
            key = quote(part.name())
            if part.word() == "(":
                length = to_text(part.group())
                key = f"SUBSTR({key}, 1, {length})" if unique else key
        descending = part.word() == "DESC"
        return None if key is None else f"{key} DESC" if descending else key

    # -- ALTER TABLE

    def clauses(self, statement: Cursor) -> Iterator[str]:
        """One statement per clause that SQLite has."""
        while not statement.at_end:
            item = statement.inner(statement.until(","))
            statement.skip(",")
            read = _CLAUSES.get(item.word())
            start = item.at
            if read is not None:
                item.at += 1
            done = read(self, item) if read is not None else None
            if done is not None:
                yield from done
                yield from self.behind
                self.behind.clear()
                continue
            item.at = start
            self.other_clause(item)

    def other_clause(self, item: Cursor) -> None:
        words = item.words(3)
        text = to_text(item.rest())
        if words[:2] == ("CONVERT", "TO") or (words[:1] and words[0] not in _UNNOTICED):
            why = next((why for word, why in _REASONS.items() if word in words), _REBUILD)
            self.lose(f"ALTER TABLE {self.table} {_short(text)} is left out", why)

    def add(self, item: Cursor) -> list[str] | None:
        """ADD of columns and indexes; ``None`` for what needs a rebuild."""
        start, name = item.at, self.constraint_name(item)
        if item.word() in ("UNIQUE", "FULLTEXT", "SPATIAL", *_INDEX_WORDS):
            self.index_element(item, name)
            return []
        if name is not None or item.word() in ("PRIMARY", "FOREIGN", "CHECK", "PARTITION", "PERIOD", "SYSTEM"):
            item.at = start
            return None
        item.skip("COLUMN")
        item.skip("IF", "NOT", "EXISTS")
        parts = item.items(item.group()) if item.word() == "(" else iter((item,))
        return [f"ALTER TABLE {self.name} ADD COLUMN {self.column(read_column(part), adding=True)}" for part in parts]

    def drop(self, item: Cursor) -> list[str] | None:
        if item.skip_any(*_INDEX_WORDS):
            exists = " IF EXISTS" if item.skip("IF", "EXISTS") else ""
            return [f"DROP INDEX{exists} {quote(index_name(item.name(), self.table, self.source))}"]
        if item.word() in ("PRIMARY", "FOREIGN", "CHECK", "CONSTRAINT", "PARTITION", "PERIOD", "SYSTEM"):
            return None
        item.skip("COLUMN")
        item.skip("IF", "EXISTS")
        return [f"ALTER TABLE {self.name} DROP COLUMN {quote(item.name())}"]

    def change(self, item: Cursor) -> list[str] | None:
        """CHANGE: the new name, and the loss of the new definition."""
        item.skip("COLUMN")
        item.skip("IF", "EXISTS")
        old, start = item.name(), item.at
        definition = read_column(item)
        item.at = start
        text = _short(to_text(item.rest()))
        self.lose(f"ALTER TABLE {self.table} CHANGE {old} {text} is left out but for the name", _CHANGED)
        return [] if old == definition.name else [self.rename_column(old, definition.name)]

    def rename_column(self, old: str, new: str) -> str:
        return f"ALTER TABLE {self.name} RENAME COLUMN {quote(old)} TO {quote(new)}"

    def rename(self, item: Cursor) -> list[str] | None:
        if item.word() in _INDEX_WORDS and item.word(1) not in ("", "TO"):
            return None
        if item.skip("COLUMN"):
            item.skip("IF", "EXISTS")
            old = item.name()
            item.skip("TO")
            return [self.rename_column(old, item.name())]
        item.skip_any("TO", "AS")
        statement = f"ALTER TABLE {self.name} RENAME TO {quote(new := item.ref('table').name)}"
        self.table = new
        return [statement]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


_CLAUSES: Mapping[str, Callable[[TableTranslation, Cursor], list[str] | None]] = {
    "ADD": TableTranslation.add,
    "DROP": TableTranslation.drop,
    "CHANGE": TableTranslation.change,
    "RENAME": TableTranslation.rename,
}


def translate_definition(sql: str, source: Dialect, losses: Losses) -> list[str] | None:
    """Translate a statement that defines or changes a table or an index; ``None`` for any other."""
    at = cursor(sql, source.lexical_rules)
    if at.skip("RENAME", "TABLE"):
        return list(_rename_tables(at))
    verb = at.word()
    if verb not in ("CREATE", "ALTER", "DROP"):
        return None
    at.at += 1
    words = at.skip_any(
        "OR", "REPLACE", "TEMPORARY", "ONLINE", "OFFLINE", "IGNORE", "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR"
    )
    if verb == "CREATE" and at.skip("TABLE"):
        return _create_table(at, words, source, losses)
    if verb == "CREATE" and at.skip("INDEX"):
        return _create_index(at, words, source, losses)
    if verb == "ALTER" and at.skip("TABLE"):
        at.skip("IF", "EXISTS")
        return list(TableTranslation(at.ref("table").name, source, losses).clauses(at))
    if verb == "DROP" and at.skip("INDEX"):
        exists = " IF EXISTS" if at.skip("IF", "EXISTS") else ""
        name = at.name()
        at.skip("ON")
        return [f"DROP INDEX{exists} {quote(index_name(name, at.ref('table').name, source))}"]
    return None


def _rename_tables(at: Cursor) -> Iterator[str]:
    at.skip("IF", "EXISTS")
    while not at.at_end:
        old = at.ref("table").name
        at.until("TO")
        at.skip("TO")
        yield f"ALTER TABLE {quote(old)} RENAME TO {quote(at.ref('table').name)}"
        at.skip(",")


def _create_index(at: Cursor, words: tuple[str, ...], source: Dialect, losses: Losses) -> list[str]:
    if_not_exists = at.skip("IF", "NOT", "EXISTS")
    name = at.name()
    at.find("ON")
    work = TableTranslation(at.ref("table").name, source, losses)
    at.until("(")
    work.index_kind(at, words, name, if_not_exists)
    return work.behind


def _create_table(at: Cursor, words: tuple[str, ...], source: Dialect, losses: Losses) -> list[str] | None:
    """CREATE TABLE with a list of columns, or LIKE; ``None`` for a query, which SQLGlot translates."""
    exists = " IF NOT EXISTS" if at.skip("IF", "NOT", "EXISTS") else ""
    work = TableTranslation(at.ref("table").name, source, losses)
    items = list(at.items(at.group()))
    if (items[0] if items else at).skip("LIKE"):
        return [_like(items[0] if items else at, work, exists)]
    if not items or items[0].word() in ("SELECT", "WITH"):
        return None
    work.collation = _table_options(at, work)
    texts = list(work.elements(items))
    temporary = "TEMPORARY " if "TEMPORARY" in words else ""
    create = f"CREATE {temporary}TABLE{exists} {work.name} (\n    " + ",\n    ".join(texts) + "\n)"
    first = [f"DROP TABLE IF EXISTS {work.name}"] if "REPLACE" in words else []
    if exists:
        work.behind = [sql.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1) for sql in work.behind]
    return [*first, create, *work.behind]


def _like(at: Cursor, work: TableTranslation, exists: str) -> str:
    other = at.ref("table").name
    work.lose(f"{work.table}: keys, indexes and defaults of {other} are not copied", "SQLite copies columns only")
    return f"CREATE TABLE{exists} {work.name} AS SELECT * FROM {quote(other)} WHERE FALSE"


def _table_options(at: Cursor, work: TableTranslation) -> str | None:
    """Read the options after the columns, and return the collation of the table."""
    charset = collation = None
    while (token := at.token()) is not None:
        if at.skip("PARTITION", "BY"):
            work.lose(f"{work.table}: PARTITION BY {_short(to_text(at.rest()))} is left out", NO_PARTITIONS)
            break
        if at.word() in ("SELECT", "WITH", "AS", "IGNORE", "REPLACE") and at.word(1) != "SYSTEM":
            work.lose(
                f"{work.table}: {_short(to_text(at.rest()))} is left out",
                "SQLite copies rows into a new table only without columns",
            )
            break
        if at.skip("WITH", "SYSTEM", "VERSIONING"):
            work.lose(f"{work.table}: its former rows are not kept", "SQLite has no system versioning")
            continue
        at.at += 1
        word = token.text.upper()
        if word in ("COLLATE", "CHARSET", "SET", "AUTO_INCREMENT") and token.kind is TokenKind.WORD:
            at.skip("=")
            value = at.take()
            collation = _text(value) if word == "COLLATE" else collation
            charset = _text(value) if word in ("CHARSET", "SET") else charset
            if word == "AUTO_INCREMENT" and _text(value) not in ("0", "1"):
                work.lose(f"{work.table}: is not numbered from {_text(value)}", NO_START)
    return collation or ("binary" if charset == "binary" else None)


def _text(token: Token | None) -> str:
    if token is None:
        return ""
    return (literal(token) if token.kind is TokenKind.STRING else token.text).lower()
