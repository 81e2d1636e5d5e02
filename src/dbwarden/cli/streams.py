"""Output streams: reserves stdout for results, even if the user's models or configuration print something.

If another program reads the output, such text goes to stderr, so that JSON and SQL on stdout stay valid.
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
    """Stream for reports."""
    return _results or sys.stdout


def reserve_stdout() -> None:
    """Redirect everything that is written to stdout to stderr, except ``results``.

    This includes the file descriptor, which child processes and extension modules use. On a terminal nothing changes.
    """
    global _results, _former
    if _results is not None or sys.stdout.isatty() or not _has_descriptors():
        return
    sys.stdout.flush()
    copy = os.dup(1)
    os.dup2(2, 1)
    # Line-buffered, so that a reader of the pipe sees each statement of a long migration when it begins.
    _results = open(  # noqa: SIM115
        copy, "w", buffering=1, encoding=sys.stdout.encoding, errors=sys.stdout.errors, newline="\n", closefd=True
    )
    _former, sys.stdout = sys.stdout, sys.stderr


def release_stdout() -> None:
    """Undo ``reserve_stdout``."""
    global _results, _former
    if _results is None or _former is None:
        return
    with suppress(OSError):  # the reader has closed the pipe
        _results.flush()
    os.dup2(_results.fileno(), 1)
    sys.stdout, _former, reserved, _results = _former, None, _results, None
    with suppress(OSError):
        reserved.close()


def _has_descriptors() -> bool:
    """Whether both streams are those of the process, which a test or an embedding program may have replaced."""
    try:
        return sys.stdout.fileno() == 1 and sys.stderr.fileno() == 2
    except (OSError, ValueError, AttributeError):
        return False


IN_ASCII = "dbwarden-ascii"
"""Name under which ``in_ascii`` is registered as an error handler of codecs."""
_SUBSTITUTES = {"→": "->", "…": "...", "–": "-", "“": '"', "”": '"', "’": "'"}


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that a stream's encoding lacks: an arrow by ``->``, most others by ``?``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_SUBSTITUTES.get(character, "?") for character in lacking), error.end


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """``text`` with control characters and direction marks written as ``\\x1b``, ``\\u202e``, so that a terminal ignores them."""
    return _CONTROL.sub(lambda match: _escaped(match[0]), text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def json_safe(text: str) -> str:
    """JSON ``text`` with JSON escapes for the characters that ``printable`` replaces."""
    return _CONTROL.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)
