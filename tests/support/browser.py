"""Pages in a headless Chromium: nothing may be fetched from elsewhere, and nothing may go wrong in a script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(os.environ.get("DBWARDEN_TEST_SCREENSHOTS") or ROOT / "build" / "screenshots")
"""Where the tests leave pictures for people, whether they pass or fail."""
DESKTOP = (1280, 800)
PHONE = (390, 844)


@dataclass
class Watch:
    """What a page did while it was open."""

    requests: list[str] = field(default_factory=list)
    """Addresses that it asked for, its own included."""
    problems: list[str] = field(default_factory=list)
    """Exceptions, and errors and warnings in the console."""
    dialogs: list[str] = field(default_factory=list)
    """What ``alert`` and its like were called with."""

    def elsewhere(self, own: str = "file:///") -> list[str]:
        """Requests that leave the page's own place."""
        inline = ("data", "blob", "about")
        return [url for url in self.requests if not url.startswith(own) and urlsplit(url).scheme not in inline]


@contextmanager
def opened(
    browser: Browser, place: Path | str, size: tuple[int, int] = DESKTOP, **options: Any
) -> Iterator[tuple[Page, Watch]]:
    """A file or address in a fresh window without network beyond this machine's own. ``options`` are those of
    ``Browser.new_context``: ``color_scheme``, ``java_script_enabled``, ``offline``, ``has_touch`` ..."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    context.set_default_timeout(10_000)
    try:
        page, watch = context.new_page(), Watch()
        page.on("request", lambda request: watch.requests.append(request.url))
        page.on("pageerror", lambda error: watch.problems.append(str(error)))
        page.on("console", lambda line: _console(watch, line.type, line.text))
        page.on("dialog", lambda dialog: (watch.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(place.resolve().as_uri() if isinstance(place, Path) else place)
        yield page, watch
    finally:
        context.close()


def _console(watch: Watch, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        watch.problems.append(text)


def screenshot(page: Page, name: str, *, whole: bool = False) -> Path:
    """Leave a picture ``name.png`` of what is visible, or of the whole page, in ``SCREENSHOTS``."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path


def wider_than_window(page: Page) -> int:
    """Pixels by which a page is wider than its window, so that a reader must scroll sideways."""
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))
