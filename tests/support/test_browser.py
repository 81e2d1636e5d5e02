"""What the browser of the tests notices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers import Unavailable, chromium
from tests.support.browser import PHONE, opened, screenshot, wider_than_window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGE = """<!doctype html><meta charset="utf-8"><title>test</title><img src="https://example.org/a.png">
<div style="width: 500px">wide</div><script>alert("read me"); console.error("wrong"); undefined.field</script>"""


def test_what_a_page_does_is_noticed(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    with opened(browser, path, PHONE, color_scheme="dark", offline=True) as (page, watch):
        assert watch.elsewhere() == ["https://example.org/a.png"]
        assert watch.dialogs == ["read me"]
        assert "wrong" in watch.problems
        assert any("undefined" in problem for problem in watch.problems)
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert wider_than_window(page) > 100
        assert screenshot(page, "browser").stat().st_size > 1000


def test_a_browser_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(chromium.VARIABLE, "/nowhere/chromium")
    with pytest.raises(Unavailable, match=r"/nowhere/chromium was not found; see DBWARDEN_TEST_CHROMIUM"):
        chromium.find()
    monkeypatch.delenv(chromium.VARIABLE)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unavailable, match=r"apt-get install chromium-headless-shell"):
        chromium.find()
