"""Parses migration files.

Sections begin with ``-- upgrade`` and ``-- rollback`` at the start of a line, outside of quotes and comments. Headers come
before the first section; each is a row of ``HEADERS``. A mistake raises ``FileFormatError`` with line and column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from dbwarden.errors import FileFormatError, SqlTextError, UsageError

from .filename import Kind as Kind
from .filename import file_name as file_name
from .filename import is_migration as is_migration
from .filename import parse_name as parse_name
from .filename import repeatable_name as repeatable_name
from .filename import slug as slug
from .sqltext import (
    ANSI,
    LexicalRules,
    SqlStatement,
    TokenKind,
    checksum,
    next_marker,
    position,
    split,
    tokens,
)
from .suggestions import did_you_mean, nearest

if TYPE_CHECKING:
    from .change import Rename

# -- headers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Header:
    """A row of the header table. ``read`` raises ``ValueError`` with the expected form."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    flag: bool = False
    """Whether it is written without a value."""


def _names(value: str) -> tuple[str, ...]:
    try:
        names = json.loads(value)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError('a list of versions such as ["0001", "0002"]')
    return tuple(names)


def _switch(value: str) -> str:
    if value not in ("on", "off"):
        raise ValueError("on or off")
    return value


def _sentence(value: str) -> str:
    if not value:
        raise ValueError("a text after the colon")
    return " ".join(value.split())


def _runner(value: str) -> str:
    from .table_runner import runner_name

    return runner_name(value)


# Most files rename nothing, and commands that only read files need no schema: these two wait for the first such header.


def _renames(value: str) -> tuple[Rename, ...]:
    from .rename_text import parse_header

    return parse_header(value)


def _renames_text(renames: Iterable[Rename]) -> str:
    from .rename_text import format_header

    return format_header(renames)


HEADERS: tuple[Header, ...] = (
    Header("depends_on", _names, lambda names: json.dumps(list(names), ensure_ascii=False)),
    Header("seed", lambda value: True, flag=True),
    Header("transaction", _switch),
    Header("runner", _runner),
    Header("irreversible", _sentence, _sentence),
    Header("renames", _renames, _renames_text),
    Header("proven", _sentence, _sentence),
    Header("unproven", _sentence, _sentence),
)
HEADERS_BY_NAME = {header.name: header for header in HEADERS}
_LOST_ON_ROLLBACK = re.compile(r"\bdata lost on rollback: (.+?)(?:; |, digest |\Z)")


# -- the file -----------------------------------------------------------------------------------------------------


class Section(NamedTuple):
    """The text between two section lines: offsets into the file's text, and its first line."""

    direction: str
    engine: str | None
    start: int
    end: int
    line: int


@dataclass(frozen=True)
class MigrationFile:
    """A parsed file. Statements are split on demand, with line numbers of the file."""

    name: str
    key: str
    """The version as written in the name (``0001``), or ``RA__grants``."""
    kind: Kind
    version: int | None
    description: str
    database: str | None
    """The prefix of the name, ``<database>__``."""
    text: str = field(repr=False)
    headers: Mapping[str, Any]
    lexical_rules: LexicalRules = field(default=ANSI, repr=False)
    variants: Mapping[str, LexicalRules] = field(default_factory=dict, repr=False)
    digest: str = field(default="", repr=False)
    """SHA-256 (hex) of the file's bytes; empty if the text does not come from a file."""
    known_sections: tuple[Section, ...] | None = field(default=None, repr=False)
    known_checksum: str | None = field(default=None, repr=False)
    """Checksum that the history has for the same digest; saves splitting the file."""

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections in file order. Raises ``FileFormatError``."""
        if self.known_sections is not None:
            return self.known_sections
        try:
            return _sections(self.name, self.text, self.lexical_rules, self.variants or None)
        except SqlTextError as error:
            raise _format_error(self.name, error) from error

    @property
    def identity(self) -> int | str:
        """Key that is equal for all names of one migration: ``V__0012`` and ``12`` are one version."""
        return self.key if self.version is None else self.version

    @property
    def depends_on(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.headers.get("depends_on", ())
        return names

    @property
    def seed(self) -> bool:
        return bool(self.headers.get("seed", False))

    @property
    def transaction(self) -> str | None:
        """``on``, ``off``, or ``None`` if the statements and the engine decide."""
        return self.headers.get("transaction")

    @property
    def runner(self) -> str | None:
        """Name of the program that runs the ALTER TABLE statements of both sections (``core.table_runner``)."""
        return self.headers.get("runner")

    @property
    def irreversible(self) -> str | None:
        """Reason why the migration has no rollback."""
        return self.headers.get("irreversible")

    @property
    def generated(self) -> bool:
        """Whether make-migrations wrote the file, which then has a ``proven`` or ``unproven`` header."""
        return "proven" in self.headers or "unproven" in self.headers

    @property
    def lost_on_rollback(self) -> str | None:
        """The data that the rollback destroys according to the ``proven`` header."""
        match = _LOST_ON_ROLLBACK.search(self.headers.get("proven", ""))
        return match[1] if match else None

    @property
    def renames(self) -> tuple[Rename, ...]:
        """The renames decided when the file was generated, in the order of their statements."""
        renames: tuple[Rename, ...] = self.headers.get("renames", ())
        return renames

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines for which the file has a variant."""
        return tuple(dict.fromkeys(section.engine for section in self.sections if section.engine))

    def upgrade(self, engine: str | None = None) -> tuple[SqlStatement, ...]:
        """The statements of ``-- upgrade``, or of the variant for ``engine`` if there is one."""
        return self._statements("upgrade", engine)

    def rollback(self, engine: str | None = None) -> tuple[SqlStatement, ...]:
        """The statements of ``-- rollback``; if ``engine`` has a variant, of that variant only."""
        return self._statements("rollback", engine)

    def rollback_sql(self, engine: str | None = None) -> str:
        """Rollback to store in the history, for checkouts without this file (see ``stored_rollback``)."""
        if self.irreversible:
            return f"-- irreversible: {self.irreversible}"
        section = self._section("rollback", engine)
        sql = self.text[section.start : section.end].strip() if section else ""
        head = (_GENERATED if self.generated else "") + (f"-- runner: {self.runner}\n" if self.runner else "")
        return f"{head}{sql}" if sql else sql

    def with_variant(
        self,
        engine: str,
        upgrade: Sequence[SqlStatement],
        rollback: Sequence[SqlStatement],
        lexical_rules: LexicalRules,
    ) -> MigrationFile:
        """A copy with a variant for ``engine`` that is translated at run time.

        The checksum does not change, and the statements keep the lines of their originals.
        """
        text, sections = self.text, list(self.sections)
        for direction, statements in (("upgrade", upgrade), ("rollback", rollback)):
            start = len(text)
            text += "\n" + "\n".join(terminated(statement.text, lexical_rules) for statement in statements)
            sections.append(Section(direction, engine, start, len(text), 0))
        variants = self.variants if engine in self.variants else {**self.variants, engine: lexical_rules}
        copy = replace(self, text=text, known_sections=tuple(sections), variants=variants)
        copy._split.update({("upgrade", engine): tuple(upgrade), ("rollback", engine): tuple(rollback)})
        return copy

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the token streams of the ``-- upgrade`` statements."""
        return self.known_checksum or checksum((statement.text for statement in self.upgrade()), self.lexical_rules)

    @cached_property
    def _split(self) -> dict[tuple[str, str | None], tuple[SqlStatement, ...]]:
        return {}

    def _section(self, direction: str, engine: str | None) -> Section | None:
        own = engine if engine in self.engines else None
        return next(
            (section for section in self.sections if section.direction == direction and section.engine == own), None
        )

    def _statements(self, direction: str, engine: str | None) -> tuple[SqlStatement, ...]:
        if (direction, engine) not in self._split:
            section = self._section(direction, engine)
            self._split[direction, engine] = self._of(section) if section else ()
        return self._split[direction, engine]

    def _of(self, section: Section) -> tuple[SqlStatement, ...]:
        lexical_rules = self.variants.get(section.engine or "", self.lexical_rules)
        try:
            return tuple(split(self.text, lexical_rules, section.start, section.end))
        except SqlTextError as error:
            raise _format_error(self.name, error) from error


_GENERATED = "-- generated\n"
"""First line of a generated file's rollback in the history; if the file is missing, it proves which tables are generated."""


_STORED_RUNNER = re.compile(rf"(?:{_GENERATED})?-- runner: (\S+)\n")


def stored_as_generated(sql: str | None) -> bool:
    """Whether a rollback stored in the history is that of a generated file."""
    return sql is not None and sql.startswith(_GENERATED)


def stored_runner(sql: str | None) -> str | None:
    """The runner of a rollback stored in the history."""
    match = _STORED_RUNNER.match(sql or "")
    return match[1] if match else None


def stored_rollback(sql: str | None, lexical_rules: LexicalRules) -> tuple[tuple[SqlStatement, ...], str | None]:
    """The statements of a rollback stored in the history, and the reason if it is irreversible."""
    sql = sql or ""
    if sql.startswith("-- irreversible: "):
        return (), sql.removeprefix("-- irreversible: ")
    return tuple(split(sql, lexical_rules)), None


# -- reading ------------------------------------------------------------------------------------------------------

MARKER = r"(?<![^\n\r])--[ \t]*(?i:upgrade|rollback)[ \t]*(?::[ \t]*(?:\w+[ \t]*)?)?(?=[\r\n]|\Z)"
"""A section line, at the start of a line."""
_MARKER_LINE = re.compile(r"--[ \t]*(?P<direction>\w+)[ \t]*(?::[ \t]*(?P<engine>\w*))?")
_HEADER_LINE = re.compile(
    r"--[ \t]*(?P<name>[A-Za-z][\w-]*)[ \t]*(?P<colon>:(?!//)[ \t]*(?P<value>.*?))?[ \t]*", re.DOTALL
)
_SUSPECT = re.compile(
    rf"[\r\n](--[ \t]*(?:(?P<header>{'|'.join(header.name for header in HEADERS if not header.flag)})[ \t]*:"
    r"|(?P<word>[A-Za-z_]+)[ \t]*:?[ \t]*(?=[\r\n]|\Z)))"
)
"""Comments that may be a misplaced header or a misspelt section line."""


def parse(
    name: str,
    text: str,
    lexical_rules: LexicalRules = ANSI,
    variants: Mapping[str, LexicalRules] | None = None,
    database: str | None = None,
    *,
    digest: str = "",
    recorded: str | None = None,
) -> MigrationFile:
    """Parse a file; a byte order mark and all line ends are accepted. Raises ``FileFormatError``.

    ``lexical_rules`` are those of the primary database, ``variants`` those of engines that may have a variant. ``digest`` is
    that of the file's bytes. If the history has it, ``recorded`` is the checksum there, and only the headers are parsed again.
    """
    named = parse_name(name, database)
    text = text.removeprefix("\ufeff")
    file = MigrationFile(name, *named, text, {}, lexical_rules, variants or {}, digest, known_checksum=recorded)
    if recorded is not None:
        return replace(file, headers=_headers_above(file, next_marker(text, lexical_rules, MARKER) + len("--")))
    _refuse_unreadable(name, text, lexical_rules)
    try:
        sections = _sections(name, text, lexical_rules, variants)
        headers = _headers_above(file, sections[0].start)
        if _SUSPECT.search(text, sections[0].start):
            _refuse_misplaced(name, text, sections, lexical_rules)
    except SqlTextError as error:
        raise _format_error(name, error) from error
    return replace(file, headers=headers, known_sections=sections)


def _headers_above(file: MigrationFile, end: int) -> dict[str, Any]:
    """The headers above the first section line; ``end`` is an offset in that line."""
    head = file.text[:end]
    return _headers(file.name, head, file.lexical_rules) if "\n" in head else {}


_CLIENT = re.compile(r"\\[A-Za-z!?.]|\bSTDIN\b", re.IGNORECASE)
"""Text that may be a command of a client: a fast test before the tokens are read."""


def _refuse_unreadable(name: str, text: str, lexical_rules: LexicalRules) -> None:
    """Raise for what must be found before the text is split."""
    merged, client = "<<<<<<<" in text, bool(lexical_rules.client and _CLIENT.search(text))
    if merged or client:
        from . import file_mistakes  # deferred: few files look as if they had one

        mistake = file_mistakes.merge_conflict(text) if merged else None
        mistake = mistake or (file_mistakes.client_command(text, lexical_rules) if client else None)
        if mistake is not None:
            _raise_error(name, text, *mistake)


def _refuse_misplaced(name: str, text: str, sections: Sequence[Section], lexical_rules: LexicalRules) -> None:
    from . import file_mistakes  # deferred: few files look as if they had one

    suspects, spans = _SUSPECT.finditer(text, sections[0].start), [(s.start, s.end) for s in sections]
    mistake = file_mistakes.misplaced_line(text, suspects, spans, lexical_rules)
    if mistake is not None:
        _raise_error(name, text, *mistake)


def _format_error(name: str, error: SqlTextError) -> FileFormatError:
    return FileFormatError(file=name, line=error.line, column=error.column, reason=error.reason)


def _raise_error(name: str, text: str, offset: int, reason: str) -> NoReturn:
    line, column = position(text, offset)
    raise FileFormatError(file=name, line=line, column=column, reason=reason)


def _sections(
    name: str, text: str, lexical_rules: LexicalRules, variants: Mapping[str, LexicalRules] | None
) -> tuple[Section, ...]:
    sections: list[Section] = []
    seen: set[tuple[str, str | None]] = set()
    at, end = next_marker(text, lexical_rules, MARKER), len(text)
    while at < end:
        match = _MARKER_LINE.match(text, at)
        if match is None:  # the marker's pattern contains this one
            break
        direction, engine = match["direction"].lower(), (match["engine"] or "").lower() or None
        if (direction, engine) in seen:
            _raise_error(name, text, at, f"a second `{_title(direction, engine)}` section")
        if engine and variants is not None and engine not in variants:
            _raise_error(name, text, at, f"`{engine}` is not an engine{nearest_name(engine, variants)}")
        seen.add((direction, engine))
        start = match.end()
        at = next_marker(text, (variants or {}).get(engine or "", lexical_rules), MARKER, start)
        sections.append(Section(direction, engine, start, at, text.count("\n", 0, start) + 2))
    if ("upgrade", None) not in seen:
        offset = text.rfind("\n", 0, sections[0].start) + 1 if sections else 0
        _raise_error(
            name, text, offset, "no `-- upgrade` section: a line `-- upgrade` must stand before the statements"
        )
    return tuple(sections)


def _title(direction: str, engine: str | None) -> str:
    return f"-- {direction}: {engine}" if engine else f"-- {direction}"


def nearest_name(word: str, names: Iterable[str]) -> str:
    """The nearest of ``names`` as a question, or all of them."""
    return did_you_mean(word, names, quote="`") or f"; known are {', '.join(names)}"


def _headers(name: str, head: str, lexical_rules: LexicalRules) -> dict[str, Any]:
    """The headers in the text up to and including the first section line."""
    headers: dict[str, Any] = {}
    last = head.rstrip().rfind("\n") + 1
    for token in tokens(head, lexical_rules):
        if token.kind is TokenKind.SPACE or token.start >= last:
            continue
        if token.kind is not TokenKind.COMMENT:
            _raise_error(
                name, head, token.start, "before the first section (`-- upgrade`) only headers and comments may stand"
            )
        match = _HEADER_LINE.fullmatch(token.text.rstrip())
        if match is None or not (header := _header(name, head, token.start, match)):
            continue
        if header.name in headers:
            _raise_error(name, head, token.start, f"a second `-- {header.name}` header")
        headers[header.name] = _value(name, head, token.start, header, match)
    return headers


def _header(name: str, head: str, offset: int, match: re.Match[str]) -> Header | None:
    """The header of a comment line; ``None`` for an ordinary comment."""
    word = match["name"]
    if word in HEADERS_BY_NAME:
        return HEADERS_BY_NAME[word]
    strict = match["colon"] is not None
    near = nearest(word.replace("-", "_"), HEADERS_BY_NAME, cutoff=0.6 if strict else 0.85)
    if near or (strict and word.islower()):
        _raise_error(
            name, head, offset, f"`{word}` is not a header{nearest_name(word.replace('-', '_'), HEADERS_BY_NAME)}"
        )
    return None


def _value(name: str, head: str, offset: int, header: Header, match: re.Match[str]) -> Any:
    value = match["value"]
    if header.flag:
        if value:
            _raise_error(name, head, offset, f"`-- {header.name}` takes no value")
        return header.read("")
    try:
        return header.read((value or "").strip())
    except ValueError as error:
        _raise_error(name, head, offset, f"`-- {header.name}:` expects {error}")


def terminated(sql: str, lexical_rules: LexicalRules) -> str:
    """A statement with its semicolon, outside of a comment at the end."""
    sql = sql.strip().rstrip(";").rstrip()
    if "--" in sql:
        if next_marker(sql, lexical_rules, MARKER) < len(sql):
            raise UsageError(f"a statement contains a line that begins a section of the file: {sql[:60]}")
        if sql.rfind("--") > sql.rfind("\n"):
            return sql + "\n;\n"
    return sql + ";\n"
