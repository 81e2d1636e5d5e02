"""The search through a code base: which files, in which order, by how many processes."""

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
from .files import FileKind, SourceFile, data, mentions, walk
from .inference import Inference
from .mapped_classes import MARKERS, ModelCatalogue
from .modules import Modules, parse
from .python import PythonReader
from .python_file import PythonFile, Search, word
from .search_terms import search_terms
from .sql import SqlReader
from .subject import Impact
from .usage import Note, Usage


@dataclass(frozen=True, slots=True)
class SearchFolders:
    """Folders to search: below ``scanned``; models are looked for in ``context`` too. ``skipped`` folders are left out."""

    scanned: Sequence[Path]
    context: Path
    skipped: Collection[Path] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The uses, by file and line; files that could not be read; how many files were looked at."""

    uses: tuple[Usage, ...]
    notes: tuple[Note, ...]
    files: int


@dataclass
class _Run:
    impact: Impact
    search: Search
    names: re.Pattern[str] = field(init=False)
    words: list[bytes] = field(init=False)
    uses: list[Usage] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = set(_names(self.impact, self.search.catalogue))
        self.names = re.compile("|".join(word(name) for name in sorted(names)) or r"(?!)", re.IGNORECASE)
        self.words = [name.lower().encode() for name in names]


def find(impact: Impact, folders: SearchFolders, grammar: str, lexical_rules: LexicalRules) -> Result:
    """Every use of the subjects. Files are read, never imported; one that cannot be read or parsed is a note."""
    sources = list(walk(folders.scanned, folders.context, folders.skipped))
    inside = sum(1 for source in sources if source.inside)
    if not impact.subjects:
        return Result((), (), inside)
    with _quiet_parser():
        catalogue = ModelCatalogue(
            Modules(source.path for source in sources if source.kind is FileKind.PYTHON), impact.default_schema
        )
        contents = dict(_read(sources, catalogue))
        run = _Run(impact, Search(impact, catalogue, SqlReader(impact, grammar, lexical_rules)))
        terms = search_terms(impact, catalogue, (one for one in contents.values() if isinstance(one, bytes)))
        for source, content in contents.items():
            if isinstance(content, Note):
                run.notes.append(content)
            elif mentions(content, run.words) and (terms is None or mentions(content, terms)):
                with _uncollected():
                    _search(run, source, content)
    uses = sorted(run.uses, key=lambda use: (use.file, use.line, use.column, use.object))
    return Result(tuple(uses), tuple(run.notes), inside)


def grammar_of(dialect: Dialect) -> str:
    """The parser's name of a dialect: declared by it (``sqlglot``), else the longest one that its name begins with."""
    from sqlglot import Dialect as Grammar

    declared: str = getattr(dialect, "sqlglot", dialect.name)
    known = [name for name in Grammar.classes if name and declared.startswith(name)]
    return max(known, key=len, default="")


def _read(sources: Iterable[SourceFile], catalogue: ModelCatalogue) -> Iterator[tuple[SourceFile, bytes | Note]]:
    """The contents of the files to search; what declares models is entered in the catalogue on the way."""
    for source in sources:
        content = data(source)
        if isinstance(content, bytes) and source.kind is FileKind.PYTHON and mentions(content, MARKERS):
            try:
                catalogue.add(source.path, parse(content))
            except (SyntaxError, ValueError, RecursionError) as error:
                content = _broken(source, error)
        if source.inside:
            yield source, content


def _search(run: _Run, source: SourceFile, content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    if source.kind is FileKind.PYTHON:
        try:
            tree = parse(content)
            infer, lines = Inference(run.search.catalogue), _lines(text)
            file = PythonFile(run.search, infer, source.path, source.shown, lines, run.names)
            run.uses += PythonReader(file, tree).uses()
        except (SyntaxError, ValueError, RecursionError) as error:
            run.notes.append(_broken(source, error))
        return
    hits = run.search.sql.statements(text) if source.kind is FileKind.SQL else template.hits(text, run.search)
    known: set[tuple[int, str]] = set()
    for hit in sorted(hits, key=lambda hit: (hit.offset, hit.sure.rank)):
        if (hit.offset, str(hit.subject.ref)) not in known:
            known.add((hit.offset, str(hit.subject.ref)))
            start = text.rfind("\n", 0, hit.offset) + 1
            line = text[start : text.find("\n", hit.offset) if "\n" in text[hit.offset :] else len(text)]
            number, column = text.count("\n", 0, hit.offset) + 1, hit.offset - start + 1
            run.uses.append(Usage(source.shown, number, column, str(hit.subject.ref), hit.sure, hit.why, line.strip()))


def _lines(text: str) -> list[str]:
    """The lines as Python counts them: a form feed ends none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _broken(source: SourceFile, error: Exception) -> Note:
    line = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
    return Note(source.shown, f"not valid Python, not searched: {line}{getattr(error, 'msg', None) or error}")


def _names(impact: Impact, catalogue: ModelCatalogue) -> Iterator[str]:
    """Every word that a use may be written with."""
    columns = {subject.ref.name.casefold() for subject in impact.subjects if subject.ref.kind == "column"}
    tables = {subject.ref.name.casefold() for subject in impact.subjects if subject.ref.kind in ("table", "view")}
    for subject in impact.subjects:
        yield subject.ref.name
    for cls in catalogue.classes.values():
        yield from (attribute for attribute, column in cls.columns.items() if column.casefold() in columns)
        if any(name.casefold() in tables for _, name in catalogue.tables(cls)):
            yield cls.name
    for module in catalogue.modules.known():
        yield from (name for name, key in catalogue.tables_in(module) if key[1].casefold() in tables)
    values = {subject.ref.name for subject in impact.subjects if subject.ref.kind == "value"}
    yield from (value.upper() for value in values)


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
