"""The search through a code base: which files, in which order."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dbwarden.core.dialect import Dialect
from dbwarden.core.sqltext import LexicalRules

from . import template
from .expressions import ExpressionReader
from .files import FileKind, SourceFile, mentions, read_bytes, walk
from .mapped_classes import MARKERS, ModelCatalogue
from .modules import Modules, parse
from .python import PythonReader
from .python_uses import PythonUses, Search
from .search_terms import search_terms, written_names
from .sql import SqlReader
from .subject import Impact
from .syntax import whole_word
from .usage import FileUses, SkippedFile, Usage


@dataclass(frozen=True, slots=True)
class SearchFolders:
    """Folders to search: below ``scanned``; models are looked for in ``context`` too. ``skipped`` folders are left out."""

    scanned: Sequence[Path]
    context: Path
    skipped: Collection[Path] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The uses, by file and line; files that could not be read; how many files were looked at."""

    uses: tuple[Usage, ...]
    skipped_files: tuple[SkippedFile, ...]
    file_count: int


@dataclass(frozen=True)
class _Run:
    """The search for uses in one file after another."""

    search: Search
    modules: dict[str, ExpressionReader] = field(default_factory=dict)

    def uses(self, source: SourceFile, content: bytes) -> list[Usage]:
        """The uses in a file. Raises what ``modules.parse`` does."""
        text = content.decode("utf-8", "replace")
        if source.kind is FileKind.PYTHON:
            tree = parse(content)
            # The lines as Python counts them: a form feed ends none.
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            file = PythonUses(self.search, source.path, lines, source.display_path)
            return PythonReader(file, tree, self.modules).uses()
        sql, uses = self.search.sql, FileUses(source.display_path, text.split("\n"))
        hits = iter(sql.statements(text))
        if source.kind is FileKind.TEMPLATE:
            hits = template.hits(text, self.search.impact, self.search.catalogue, sql)
        for hit in hits:
            line, column = text.count("\n", 0, hit.offset) + 1, hit.offset - text.rfind("\n", 0, hit.offset)
            uses.add(line, column, str(hit.subject.ref), hit.confidence, hit.reason)
        return uses.all()


def search(impact: Impact, folders: SearchFolders, grammar: str, lexical_rules: LexicalRules) -> SearchResult:
    """Every use of the subjects. Files are read, never imported; one that cannot be read or parsed is named."""
    sources = list(walk(folders.scanned, folders.context, folders.skipped))
    file_count = sum(1 for source in sources if source.searched)
    if not impact.subjects:
        return SearchResult((), (), file_count)
    modules = Modules(source.path for source in sources if source.kind is FileKind.PYTHON)
    catalogue = ModelCatalogue(modules, impact.default_schema)
    contents = dict(_read(sources, catalogue))
    names = written_names(impact, catalogue)
    terms = search_terms(impact, catalogue, (content for content in contents.values() if isinstance(content, bytes)))
    pattern = re.compile("|".join(map(whole_word, sorted(names))), re.IGNORECASE)
    run = _Run(Search(impact, catalogue, SqlReader(impact, grammar, lexical_rules), pattern))
    words = [name.lower().encode() for name in names]
    uses: list[Usage] = []
    skipped: list[SkippedFile] = []
    with _quiet_parser():
        for source, content in contents.items():
            if isinstance(content, SkippedFile):
                skipped.append(content)
            elif mentions(content, words) and (terms is None or mentions(content, terms)):
                try:
                    with _uncollected():
                        uses += run.uses(source, content)
                except (SyntaxError, ValueError, RecursionError) as error:
                    skipped.append(_broken(source, error))
    uses.sort(key=lambda use: (use.file, use.line, use.column, use.object))
    return SearchResult(tuple(uses), tuple(skipped), file_count)


def sqlglot_dialect(dialect: Dialect) -> str:
    """The parser's name of a dialect: declared by it (``sqlglot``), else the longest one that its name begins with."""
    from sqlglot import Dialect as Grammar

    declared: str = getattr(dialect, "sqlglot", dialect.name)
    names = [name for name in Grammar.classes if name and declared.startswith(name)]
    return max(names, key=len, default="")


def _read(sources: Iterable[SourceFile], catalogue: ModelCatalogue) -> Iterator[tuple[SourceFile, bytes | SkippedFile]]:
    """The contents of the files to search; what declares models is entered in the catalogue on the way."""
    for source in sources:
        content = read_bytes(source)
        if isinstance(content, bytes) and source.kind is FileKind.PYTHON and mentions(content, MARKERS):
            try:
                catalogue.add(source.path, parse(content))
            except (SyntaxError, ValueError, RecursionError) as error:
                content = _broken(source, error)
        if source.searched:
            yield source, content


def _broken(source: SourceFile, error: Exception) -> SkippedFile:
    line = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
    return SkippedFile(
        source.display_path, f"not valid Python, not searched: {line}{getattr(error, 'msg', None) or error}"
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Garbage is not looked for while a tree is built and read: that takes as long as the rest, and finds none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _quiet_parser() -> Iterator[None]:
    """The parser logs what it does not know; here that is an ordinary answer."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
