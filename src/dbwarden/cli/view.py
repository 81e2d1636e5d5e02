"""Output: by Rich on a terminal, else as plain, stable text.

Results go to stdout, diagnostics to stderr. Rich is imported only for a terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from .streams import json_safe, printable, results

if TYPE_CHECKING:
    from rich.console import Console

    from .spinner import Spinner

STYLES = {
    "applied": "green",
    "baselined": "green",
    "pending": "yellow",
    "out of order": "yellow",
    "changed": "yellow",
    "edited": "bold red",
    "missing": "bold red",
    "failed": "bold red",
    "rollback_failed": "bold red",
    "rolled_back": "cyan",
}
"""Styles of words in tables."""


class Advance(Protocol):
    """Advance the bar by the files done, and show what runs now."""

    def __call__(self, files: int, text: str) -> None: ...


@dataclass
class View:
    """Output of a command. ``color`` is false for ``--no-color``; ``NO_COLOR`` counts too.

    ``program`` replaces ``dbwarden`` in suggested commands, to add options.
    """

    color: bool = True
    program: str = "dbwarden"
    structured: bool = False
    """Whether diagnostics are JSON, a line each (``--log-format json``)."""
    canvas: Console | None = None
    """What everything is drawn on instead of the streams."""

    # -- plain or rich

    @cached_property
    def _rich(self) -> Console | None:
        if self.canvas is not None:
            return self.canvas
        if not _is_terminal(results()):
            return None
        from rich.console import Console

        return Console(no_color=self.is_plain, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @cached_property
    def _rich_errors(self) -> Console | None:
        if self.canvas is not None:
            return self.canvas
        if not _is_terminal(sys.stderr):
            return None
        from rich.console import Console

        return Console(stderr=True, no_color=self.is_plain, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def advice(self, text: str) -> str:
        """``text`` with the suggested commands completed by the options of this run."""
        return text.replace("`dbwarden ", f"`{self.program} ")

    # -- stdout

    def line(self, text: str = "", style: str | None = None) -> None:
        """Print one or more lines."""
        text = printable(self.advice(text))
        if self._rich:
            self._rich.print(text, style=style)
        else:
            results().write(text + "\n")

    @property
    def console(self) -> Console | None:
        """The terminal; ``None`` for a pipe."""
        return self._rich

    def show_cursor(self) -> None:
        """Show the cursor of a terminal, which a view that is redrawn hides."""
        if self._rich:
            self._rich.show_cursor()

    @property
    def is_plain(self) -> bool:
        """Whether colours are not wanted."""
        return not self.color or bool(os.environ.get("NO_COLOR"))

    @property
    def width(self) -> int | None:
        """Width of the terminal in columns; ``None`` for a pipe."""
        return self._rich.width if self._rich else None

    def wrapped(self, text: str, indent: int, style: str | None = None) -> None:
        """Print a paragraph: on a terminal wrapped, with further lines indented; in a pipe on one line."""
        if self.width is None:
            self.line(text, style)
            return
        import textwrap

        plain = printable(self.advice(text))
        width = max(self.width, indent + 20)
        for line in textwrap.wrap(
            plain, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
        ):
            self.line(line, style)

    def item(self, text: str, indent: int = 2) -> None:
        """Print an item of a list, wrapped with an indent on a terminal."""
        self.wrapped(" " * indent + text, indent + 4)

    def heading(self, text: str) -> None:
        """Print a heading."""
        text = printable(text)
        if self._rich:
            self._rich.print(text, style="bold")
        else:
            results().write(f"{text}\n")

    def gap(self) -> None:
        """Print an empty line."""
        self.line()

    def fields(self, rows: Sequence[tuple[str, str]]) -> None:
        """Print names and values, the values in one column."""
        width = max((len(name) for name, _ in rows), default=0) + 2
        for name, value in rows:
            self.line(f"{name + ':':<{width}}{value}".rstrip())

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table. In a pipe, columns are separated by at least two spaces, and nothing is truncated."""
        rows = [[printable(cell) for cell in row] for row in rows]
        if self._rich:
            self._rich_table(self._rich, columns, rows)
            return
        widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
        for row in (columns, *rows):
            cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            results().write("  ".join(cells).rstrip() + "\n")

    def columns(self, rows: Sequence[Sequence[str]], indent: int = 0) -> None:
        """Print rows of cells in columns, without a title and without empty columns."""
        widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
        for row in rows:
            cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True) if width)
            self.line((" " * indent + "  ".join(cells)).rstrip())

    def _rich_table(self, console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell, style=STYLES.get(cell.partition(" at ")[0], "")) for cell in row))
        console.print(table, soft_wrap=False)

    def sql(self, text: str) -> None:
        """Print SQL, byte for byte in a pipe."""
        self._code(text, "sql")

    def python(self, text: str) -> None:
        """Print Python, byte for byte in a pipe."""
        self._code(text, "python")

    def text(self, text: str) -> None:
        """Print a text in another language, byte for byte in a pipe."""
        results().write(printable(text) if _is_terminal(results()) else text)

    def _code(self, text: str, language: str) -> None:
        if _is_terminal(results()):
            text = printable(text)
        if self._rich and not self.is_plain:
            from rich.syntax import Syntax

            code = Syntax("", language, theme="ansi_dark", background_color="default")
            self._rich.print(code.highlight(text.rstrip("\n")), end="\n")
        else:
            results().write(text if text.endswith("\n") else text + "\n")

    def document(self, value: Any) -> None:
        """Print the JSON document of ``--json``."""
        import json  # deferred: most commands print for people

        results().write(json_safe(json.dumps(value, indent=2, ensure_ascii=False)) + "\n")
        results().flush()

    def compact_document(self, value: Any) -> None:
        """Print one of several JSON documents, on a line of its own."""
        import json  # deferred, as above

        results().write(json_safe(json.dumps(value, ensure_ascii=False)) + "\n")
        results().flush()

    @contextmanager
    def progress(self, total: int) -> Iterator[Advance | None]:
        """Draw a progress bar for at least ten files on a terminal; yields ``None`` if none is drawn."""
        if self._rich is None or total < 10:
            yield None
            return
        from rich.markup import escape
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        text = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), text)
        with Progress(*columns, console=self._rich, transient=True, expand=True) as bar:
            task = bar.add_task("", total=total)
            yield lambda steps, text: bar.update(task, advance=steps, description=escape(text))

    def spinner(self) -> Spinner:
        """Make a progress line, which draws nothing unless stdout is a terminal."""
        from .spinner import Spinner

        return Spinner(results() if self._rich else None)

    # -- stderr

    def diagnostic(self, text: str, style: str | None = None) -> None:
        """Print a message that is not part of the result, such as a warning."""
        if self.structured:
            self._record("info", text)
            return
        text = printable(self.advice(text))
        results().flush()
        if self._rich_errors:
            self._rich_errors.print(text, style=style)
        else:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def warning(self, text: str) -> None:
        """Print a warning."""
        if self.structured:
            self._record("warning", text)
            return
        self.diagnostic(f"Warning: {text}", style="yellow")

    def error(self, message: str, hint: str | None, *, code: str = "", exit_code: int = 1) -> None:
        """Print an error, and what to do next. ``code`` and ``exit_code`` are for structured output."""
        if self.structured:
            advice = self.advice(hint) if hint else None
            self._record("error", message, code=code or None, hint=advice, exit_code=exit_code)
            return
        self.diagnostic(f"Error: {message}", style="bold red")
        if hint:
            self.diagnostic(f"Hint: {hint}")

    def _record(self, level: str, text: str, **fields: Any) -> None:
        from .log import write_json  # deferred: few ask for it

        results().flush()
        write_json(level, self.advice(text), **fields)


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def seconds(duration: float) -> str:
    """Format a duration: ``12 ms``, ``1.25 s``, ``3 min 5 s``."""
    if duration < 1:
        return f"{duration * 1000:.0f} ms"
    if duration < 120:
        return f"{duration:.2f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest} s"


def shortened(text: str, width: int) -> str:
    """``text`` on one line of at most ``width`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"


def size(number: int) -> str:
    """Format a number of bytes: ``512 bytes``, ``12.5 kB``, ``3.0 GB``."""
    value, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{number} bytes" if unit == "bytes" else f"{value:.1f} {unit}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Format a number with its noun: ``1 migration``, ``2 migrations``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def shown_path(path: Path) -> str:
    """Path relative to the working directory if it is below that, else in full."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def moment(at: datetime | None) -> str:
    """Format a time in UTC, to the second; empty for None."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""
