"""Output streams: stdout is reserved for results, whatever the user's own code prints.

Models and configurations are programs, and programs print. Where the output is read by another program, that goes to stderr,
so that a JSON document stays one and SQL stays SQL.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import TextIO

_results: TextIO | None = None
_former: TextIO | None = None
"""Original ``sys.stdout``."""


def results() -> TextIO:
    """The stream that reports are written to."""
    return _results or sys.stdout


def reserve_stdout() -> None:
    """From here on stdout is for ``results`` alone; everything else that is written to it goes to stderr.

    File descriptor and stream both: a child process or an extension module prints, too. On a terminal nothing changes.
    """
    global _results, _former
    if _results is not None or sys.stdout.isatty() or not _has_descriptors():
        return
    sys.stdout.flush()
    copy = os.dup(1)
    os.dup2(2, 1)
    # Line by line: whoever follows a long migration through a pipe sees each statement when it begins.
    _results = open(  # noqa: SIM115
        copy, "w", buffering=1, encoding=sys.stdout.encoding, errors=sys.stdout.errors, newline="\n", closefd=True
    )
    _former, sys.stdout = sys.stdout, sys.stderr


def release_stdout() -> None:
    """Take ``reserve_stdout`` back."""
    global _results, _former
    if _results is None or _former is None:
        return
    with suppress(OSError):  # the reader left
        _results.flush()
    os.dup2(_results.fileno(), 1)
    sys.stdout, _former, reserved, _results = _former, None, _results, None
    with suppress(OSError):
        reserved.close()


def _has_descriptors() -> bool:
    """Whether both streams are those of the process: in an embedding program, or a test, they may not be."""
    try:
        return sys.stdout.fileno() == 1 and sys.stderr.fileno() == 2
    except (OSError, ValueError, AttributeError):
        return False


IN_ASCII = "dbwarden-ascii"
"""Name of ``in_ascii`` among the error handlers of codecs."""
_SUBSTITUTES = {"→": "->", "…": "...", "–": "-", "“": '"', "”": '"', "’": "'"}


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Substitutes for characters that a stream's encoding lacks: ``->`` for an arrow, ``?`` for the others."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_SUBSTITUTES.get(character, "?") for character in lacking), error.end


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """``text`` with control characters and direction marks, which a terminal would obey, as ``\\x1b``, ``\\u202e``."""
    return _CONTROL.sub(lambda match: _escaped(match[0]), text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def json_safe(text: str) -> str:
    """JSON text in which the characters that ``printable`` replaces are JSON escapes."""
    return _CONTROL.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)
