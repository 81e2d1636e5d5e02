"""The built documentation: every link leads somewhere, and it reads well in a browser, at the width of a phone, in the dark, and
without a request to anybody else."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.support.browser import DESKTOP, PHONE, opened, screenshot, wider_than_window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The pages on a server of this machine, as search needs them."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Links(HTMLParser):
    """What a page leads to, what it loads, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") in ("stylesheet", "preconnect", "icon", "preload"):
            self.loads.append(values["href"])
        elif "src" in values:
            self.loads.append(values["src"])


def test_every_link_leads_somewhere(site: Path) -> None:
    pages = {path: Links(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}
    assert len(pages) > 100
    wrong = []
    for path, page in pages.items():
        here = f"http://site/{path.relative_to(site).as_posix()}"
        for target in page.links:
            parts = urlsplit(urljoin(here, target))
            if parts.netloc != "site":
                continue
            place = site / unquote(parts.path).lstrip("/")
            place = place / "index.html" if place.is_dir() else place
            if not place.is_file() or (
                parts.fragment and place in pages and unquote(parts.fragment) not in pages[place].anchors
            ):
                wrong.append(f"{path.relative_to(site)}: {target}")
        wrong += [f"{path.relative_to(site)} loads {name}" for name in page.loads if urlsplit(name).netloc]
    assert not wrong, "\n".join(wrong)


def test_no_page_is_wider_than_a_phone(site: Path, browser: Browser) -> None:
    wide = []
    with opened(browser, site / "index.html", PHONE, java_script_enabled=False) as (page, watch):
        for path in sorted(site.rglob("*.html")):
            page.goto(path.as_uri())  # with its stylesheets
            if (more := wider_than_window(page)) > 0:
                wide.append(f"{path.relative_to(site)}: {more} pixels")
        assert not wide, "\n".join(wide)
        assert not watch.elsewhere()


def test_start_page(address: str, browser: Browser) -> None:
    with opened(browser, address, DESKTOP, color_scheme="light") as (page, watch):
        screenshot(page, "docs-start")
        assert "One file" in page.locator("h1").inner_text()
        brightness = page.evaluate(BRIGHTNESS)
        page.locator("label[title='Dark']").click()
        page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
        assert page.evaluate(BRIGHTNESS) < 100 < brightness
        screenshot(page, "docs-start-dark", whole=True)
        page.reload()
        assert page.evaluate(BRIGHTNESS) < 100, "the choice is remembered"
        assert not watch.elsewhere(address) and not watch.problems


BRIGHTNESS = "Math.max(...getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number))"


def test_dark_where_the_machine_is_dark(address: str, browser: Browser) -> None:
    with opened(browser, f"{address}tutorial/", PHONE, color_scheme="dark", has_touch=True) as (page, watch):
        assert page.evaluate(BRIGHTNESS) < 100
        screenshot(page, "docs-tutorial-phone-dark")
        assert wider_than_window(page) <= 0
        assert not watch.elsewhere(address) and not watch.problems


@pytest.mark.parametrize(
    ("words", "title"),
    [("rename without downtime", "Rename without downtime"), ("killed lock", "Recover at 3 a"), ("LockHeld", "Errors")],
)
def test_search(address: str, browser: Browser, words: str, title: str) -> None:
    with opened(browser, address, DESKTOP) as (page, watch):
        page.locator("input.md-search__input").click()
        page.locator("input.md-search__input").press_sequentially(words)
        found = page.locator(".md-search-result__link:visible", has=page.locator("h1", has_text=title))
        found.first.wait_for()
        screenshot(page, f"docs-search-{re.sub('[^a-z]+', '-', words.lower())}")
        found.first.click()
        page.wait_for_url(lambda url: url != address)
        assert title in page.locator("h1").inner_text()
        assert not watch.elsewhere(address) and not watch.problems


def test_a_tab_that_is_chosen_once(address: str, browser: Browser) -> None:
    """Who reads PostgreSQL in one place reads PostgreSQL everywhere."""
    with opened(browser, f"{address}tutorial/", DESKTOP) as (page, watch):
        labels = page.locator(".tabbed-labels label", has_text="PostgreSQL")
        labels.first.click()
        page.wait_for_timeout(200)
        chosen = page.evaluate(
            "[...document.querySelectorAll('.tabbed-set > input:checked')].map(box => box.labels[0].innerText)"
        )
        assert set(chosen) == {"PostgreSQL"} and len(chosen) > 3
        screenshot(page, "docs-tutorial", whole=True)
        assert not watch.elsewhere(address) and not watch.problems


@pytest.mark.parametrize(
    "name", ["tasks/", "tasks/recover-at-3-am/", "reference/json/", "engines/sqlite/", "commands/migrate/"]
)
def test_pictures(address: str, browser: Browser, name: str) -> None:
    with opened(browser, f"{address}{name}", PHONE) as (page, watch):
        screenshot(page, f"docs-{name.strip('/').replace('/', '-')}-phone")
        assert not watch.elsewhere(address) and not watch.problems
