"""Migration files and their parser. A mistake raises ``FileFormatError`` with line and column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dbwarden.errors import SqlTextError

from .file_error import located, raise_error
from .file_headers import HEADERS, read_headers
from .file_sections import MARKER, Section, read_sections, terminated
from .filename import Kind, parse_name
from .sqltext import ANSI, LexicalRules, SqlStatement, checksum, next_marker, split
from .stored_rollback import GENERATED

if TYPE_CHECKING:
    from .change import Rename

_LOST_ON_ROLLBACK = re.compile(r"\bdata lost on rollback: (.+?)(?:; |, digest |\Z)")


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
            return read_sections(self.name, self.text, self.lexical_rules, self.variants or None)
        except SqlTextError as error:
            raise located(self.name, error) from error

    @property
    def identity(self) -> int | str:
        """Key that is equal for all names of one migration: ``V__0012`` and ``12`` are one version."""
        return self.key if self.version is None else self.version

    @property
    def depends_on(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.headers.get("depends_on", ())
        return names

    @property
    def repeats(self) -> tuple[str, ...]:
        """Runs-on-change files that run again behind this one."""
        names: tuple[str, ...] = self.headers.get("repeats", ())
        return names

    @property
    def adopted(self) -> str | None:
        """The tool whose database the file describes; ``None`` if it was not generated from a database."""
        return self.headers.get("adopted")

    @property
    def unowned(self) -> tuple[str, ...]:
        """Patterns of the names of objects that the file creates for an empty database and that are somebody else's: a generated
        file never drops them."""
        names: tuple[str, ...] = self.headers.get("unowned", ())
        return names

    @property
    def seed(self) -> bool:
        return bool(self.headers.get("seed", False))

    @property
    def is_sql(self) -> bool:
        """Whether its statements are SQL; a seed in Python has one unit in their place (``core.python_file``)."""
        return True

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
        owns = self.generated and not self.unowned  # without the file, nobody knows which of them
        head = (GENERATED if owns else "") + (f"-- runner: {self.runner}\n" if self.runner else "")
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
        own = engine if engine in self.engines else None
        if (direction, own) not in self._split:
            section = self._section(direction, own)
            self._split[direction, own] = self._of(section) if section else ()
        return self._split[direction, own]

    def _of(self, section: Section) -> tuple[SqlStatement, ...]:
        lexical_rules = self.variants.get(section.engine or "", self.lexical_rules)
        try:
            return tuple(split(self.text, lexical_rules, section.start, section.end))
        except SqlTextError as error:
            raise located(self.name, error) from error


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
        sections = read_sections(name, text, lexical_rules, variants)
        headers = _headers_above(file, sections[0].start)
        if _SUSPECT.search(text, sections[0].start):
            _refuse_misplaced(name, text, sections, lexical_rules)
    except SqlTextError as error:
        raise located(name, error) from error
    return replace(file, headers=headers, known_sections=sections)


def _headers_above(file: MigrationFile, end: int) -> dict[str, Any]:
    """The headers above the first section line; ``end`` is an offset in that line."""
    head = file.text[:end]
    return read_headers(file.name, head, file.lexical_rules) if "\n" in head else {}


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
            raise_error(name, text, *mistake)


def _refuse_misplaced(name: str, text: str, sections: Sequence[Section], lexical_rules: LexicalRules) -> None:
    from . import file_mistakes  # deferred: few files look as if they had one

    suspects, spans = _SUSPECT.finditer(text, sections[0].start), [(s.start, s.end) for s in sections]
    mistake = file_mistakes.misplaced_line(text, suspects, spans, lexical_rules)
    if mistake is not None:
        raise_error(name, text, *mistake)
