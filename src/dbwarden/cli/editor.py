"""The person's editor, as VISUAL or EDITOR names it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dbwarden.errors import EditFailed, UsageError


def editor_command() -> list[str]:
    """Words of the command in ``VISUAL``, else ``EDITOR``. Raises ``UsageError`` if neither is set."""
    text = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    words = shlex.split(text, posix=sys.platform != "win32")
    if not words:
        raise UsageError(
            "--edit needs to know your editor: neither VISUAL nor EDITOR is set",
            hint="For example: EDITOR=nano, or EDITOR='code --wait' for an editor that returns at once.",
        )
    return words


def open_editor(paths: Sequence[Path]) -> None:
    """Open the files in the editor, and wait until it ends. Raises ``EditFailed``."""
    words = editor_command()
    # Ctrl-C belongs to the editor. A handler, because the editor would inherit that a signal is ignored.
    former = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.run([*words, *map(str, paths)], check=False).returncode
    except OSError as error:
        raise EditFailed(reason=f"the editor `{shlex.join(words)}` cannot be run: {error.strerror}") from error
    finally:
        signal.signal(signal.SIGINT, former)
    if code:
        raise EditFailed(reason=f"the editor `{shlex.join(words)}` ended with {code}")
