"""The notification hook: a command that gets a JSON document on stdin, or a URL that gets it by POST."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbwarden.core.redaction import redacted_text


@dataclass(frozen=True, slots=True)
class Hook:
    """The hook of a database."""

    words: Sequence[str]
    """The command, or as its only word the URL."""
    folder: Path
    """Working directory of the command."""
    timeout: float
    agent: str = "dbwarden"

    @property
    def is_url(self) -> bool:
        """Whether it is a URL."""
        return self.words[0].startswith(("http://", "https://"))

    @property
    def name(self) -> str:
        """What to call it in messages: the program, or the server. The rest of a URL is often a secret."""
        return self.words[0].split("/", 3)[2].rpartition("@")[2] if self.is_url else self.words[0]

    def call(self, document: Mapping[str, Any]) -> str | None:
        """Pass on the document. Returns the reason if that failed; raises nothing."""
        body = json.dumps(document, ensure_ascii=False).encode()
        try:
            return self._post(body) if self.is_url else self._run(body)
        except KeyboardInterrupt:  # the run is over, and its outcome stands
            return "interrupted"

    # -- a command

    def _run(self, body: bytes) -> str | None:
        group = hasattr(os, "killpg")  # so that what a shell has started can be ended with it
        with tempfile.TemporaryFile() as document, tempfile.TemporaryFile() as errors:
            document.write(body)
            document.seek(0)
            try:
                process = subprocess.Popen(
                    self.words, cwd=self.folder, start_new_session=group,
                    stdin=document, stdout=subprocess.DEVNULL, stderr=errors,
                )  # fmt: skip
            except (OSError, ValueError) as error:
                return f"it cannot be started: {getattr(error, 'strerror', None) or error}"
            try:
                process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                return f"it did not end within {self.timeout:g} s"
            finally:
                _end(process)
            if process.returncode == 0:
                return None
            errors.seek(0)
            last = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
            return f"it ended with exit code {process.returncode}" + (f": {redacted_text(last[:200])}" if last else "")

    # -- a URL

    def _post(self, body: bytes) -> str | None:
        """POST the document in a thread of its own: the library limits each wait for the network, not their sum."""
        outcome: list[str | None] = []
        thread = threading.Thread(target=lambda: outcome.append(self._request(body)), name="dbwarden-hook", daemon=True)
        thread.start()
        thread.join(self.timeout)
        return outcome[0] if outcome else f"no answer within {self.timeout:g} s"

    def _request(self, body: bytes) -> str | None:
        headers = {"Content-Type": "application/json", "User-Agent": self.agent}
        try:
            request = urllib.request.Request(self.words[0], body, headers, method="POST")
            urllib.request.build_opener(_NoRedirects).open(request, timeout=self.timeout).close()
        except urllib.error.HTTPError as error:
            error.close()
            return f"the server answered {error.code} {error.reason}".strip()
        except urllib.error.URLError as error:
            return f"it cannot be reached: {getattr(error.reason, 'strerror', None) or error.reason}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            return f"it cannot be reached: {type(error).__name__}"
        return None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as a GET without its document, so a redirect is an error."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs, and what it has started."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
