"""The HTML page of ``report`` in a real browser: search, zoom, colours, keyboard, phones, and nothing that leaves the page.

The pictures that these tests leave in ``build/screenshots`` are for people to look at.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dbwarden import dialects
from dbwarden.core.diagram import diagram
from dbwarden.pictures.page import PageDatabase, page
from tests.pictures.schemas import hostile, large
from tests.pictures.shop import write_shop
from tests.servers.process import free_port
from tests.support.browser import DESKTOP, PHONE, Watch, opened, screenshot, wider_than_window
from tests.support.command import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECOND = """
analytics = database_config(
    database_name="analytics", database_url_sync="postgresql://reader:geheim@127.0.0.1:{port}/lake",
    model_paths=["facts.py"],
)
"""
FACTS = """
import sqlalchemy as sa
metadata = sa.MetaData()
facts = sa.Table("facts", metadata, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("at", sa.DateTime))
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a project with two databases, one of which cannot be reached."""
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder, f"sqlite:///{folder / 'shop.db'}")
    configuration = folder / "warden.py"
    configuration.write_text(configuration.read_text() + SECOND.format(port=free_port()))
    (folder / "facts.py").write_text(FACTS)
    (folder / "migrations" / "analytics").mkdir()
    run(folder, "report", "--out", "report.html", "--title", "Shop & <Sons>")
    return folder / "report.html"


@contextmanager
def shown(
    browser: Browser, path: Path, size: tuple[int, int] = DESKTOP, fragment: str = "", **options: object
) -> Iterator[tuple[Page, Watch]]:
    """The page; at the end, no script has failed, nothing was asked of others, and nothing hostile has run."""
    with opened(browser, f"{path.resolve().as_uri()}{fragment}", size, **options) as (page, watch):
        yield page, watch
        assert (watch.problems, watch.dialogs) == ([], [])
        assert {request.partition("#")[0] for request in watch.requests} == {path.resolve().as_uri()}, "the page itself"
        assert wider_than_window(page) == 0


def scale(page: Page) -> float:
    return float(page.locator(".stage:visible").get_attribute("data-scale") or 0)


def test_search_chooses_a_table_and_shows_it(browser: Browser, shop: Path) -> None:
    with shown(browser, shop) as (page, _):
        assert page.locator("h1").inner_text() == "Shop & <Sons>"
        screenshot(page, "report")
        page.keyboard.press("/")
        page.keyboard.type("customer")
        options = page.locator("#results [role=option]")
        assert options.first.inner_text() == "customers (primary)"
        assert "orders.customer_id (primary)" in options.all_inner_texts()
        screenshot(page, "report-search")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        drawer = page.locator("#primary .drawer")
        assert drawer.is_visible() and drawer.locator("h3 bdi").inner_text() == "customers"
        assert "VARCHAR(30)" in drawer.inner_text() and "added" in drawer.inner_text()
        assert (
            "Referred to by addresses (customer_id), newsletters (customer_id), orders (customer_id)"
            in drawer.inner_text()
        )
        near = page.locator("#primary .at.near").evaluate_all("cards => cards.map(card => card.dataset.table)")
        assert near == ["addresses", "customers", "newsletters", "orders"]
        page.wait_for_timeout(300)  # it glides there
        screenshot(page, "report-table")
        page.keyboard.press("/")
        page.keyboard.type("no such name")
        assert page.locator("#results").inner_text() == "No table or column has this name."
        page.keyboard.press("Escape")
        page.locator("#primary .drawer .close").click()
        assert not drawer.is_visible() and page.locator("#primary svg.focus").count() == 0


def test_zoom_and_pan_by_mouse_buttons_and_keys(browser: Browser, shop: Path) -> None:
    with shown(browser, shop) as (page, _):
        stage, world = page.locator("#primary .stage"), page.locator("#primary .world")
        first, whole = scale(page), world.bounding_box()
        box = stage.bounding_box()
        assert whole and box and whole["x"] >= box["x"] and whole["x"] + whole["width"] <= box["x"] + box["width"] + 1
        assert whole["y"] + whole["height"] <= box["y"] + box["height"] + 1, "all of it is visible"
        page.mouse.move(box["x"] + 20, box["y"] + 300)
        card = page.locator('#primary .at[data-table="customers"] .card')
        before = card.bounding_box()
        page.mouse.wheel(0, -400)
        assert scale(page) > first * 1.5
        page.locator("#primary [data-do=out]").click()
        page.locator("#primary [data-do=fit]").click()
        assert scale(page) == pytest.approx(first)
        page.wait_for_timeout(300)
        assert before and card.bounding_box() == pytest.approx(before)
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + 70, steps=5)
        page.mouse.up()
        moved = card.bounding_box()
        assert moved and (moved["x"] - before["x"], moved["y"] - before["y"]) == pytest.approx((100, 50), abs=6)
        assert not page.locator("#primary .drawer").is_visible(), "moving is not choosing"
        stage.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("+")
        assert scale(page) > first
        page.keyboard.press("0")
        assert scale(page) == pytest.approx(first)


def test_everything_is_reached_by_keyboard(browser: Browser, shop: Path) -> None:
    with shown(browser, shop) as (page, _):
        page.locator("#primary .stage").focus()
        seen = []
        for _ in range(9):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        assert seen[1:4] == ["table addresses", "table categories", "table customers"]
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        drawer = page.locator("#primary .drawer")
        assert drawer.locator("h3 bdi").inner_text() == seen[-2].removeprefix("table ")
        page.keyboard.press("Escape")
        assert not drawer.is_visible()
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == seen[-2]
        unnamed = "[...document.querySelectorAll('button, a, input')].filter(e => !(e.textContent.trim() || e.ariaLabel)).length"
        assert page.evaluate(unnamed) == 0


def test_dark_as_the_system_says_until_the_button_is_pressed(browser: Browser, shop: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    with shown(browser, shop, color_scheme="dark") as (page, _):
        dark = page.evaluate(background)
        screenshot(page, "report-dark")
        page.locator("#theme").click()
        light = page.evaluate(background)
        page.reload()
        assert page.evaluate(background) == light != dark, "it is remembered"
    with shown(browser, shop, color_scheme="light") as (page, _):
        assert page.evaluate(background) == light
        page.locator("#theme").click()
        assert page.evaluate(background) == dark
        contrast = page.evaluate(CONTRAST)
        assert contrast == []
    with shown(browser, shop, color_scheme="light") as (page, _):
        assert page.evaluate(CONTRAST) == []


CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
  };
  document.querySelectorAll('[hidden]').forEach((item) => { item.hidden = false; });
  const texts = [...document.querySelectorAll('.chip, .soft, .count, p, th, td, h3, code, .tabs a, .property')];
  return texts.filter((item) => item.textContent.trim()).flatMap((item) => {
    const [a, b] = [light(getComputedStyle(item).color), light(behind(item))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return ratio < 4.5 ? [`${item.className || item.tagName} ${item.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`] : [];
  });
}"""
"""Texts that are hard to read: below 4.5 to 1 (WCAG 2, AA)."""


def test_changes_findings_and_history(browser: Browser, shop: Path) -> None:
    with shown(browser, shop) as (page, _):
        marked = (
            "cards => Object.fromEntries(cards.map(card => [card.parentElement.dataset.table, card.className.baseVal]))"
        )
        cards = page.locator("#primary .at .card").evaluate_all(marked)
        assert cards["newsletters"] == "card added" and cards["customers"] == "card changed"
        assert cards["settings"] == "card changed unwritten" and cards["products"] == "card"
        page.locator("#primary [data-do=changes]").click()
        assert page.locator("#primary svg.only-changes").count() == 1
        page.locator("#primary .tabs a", has_text="Changes").click()
        changes = page.locator("#primary--changes")
        text = changes.inner_text()
        assert "0002_newsletters_and_phones.sql" in text and "CREATE TABLE newsletters" in text
        assert "settings: column changed_by VARCHAR is in the models, not in the database" in text
        assert "everybody waits" in text and not page.locator("#primary--diagram").is_visible()
        screenshot(page, "report-changes")
        page.locator("#primary .tabs a", has_text="Findings").click()
        assert "avoid-drift" in page.locator("#primary--findings").inner_text()
        page.locator("#primary .tabs a", has_text="History").click()
        events = page.locator("#primary--history .event").all_inner_texts()
        assert [re.match(r"(\w+) (\S+)", event).groups() for event in events] == [  # type: ignore[union-attr]
            ("pending", "0002_newsletters_and_phones.sql"),
            ("applied", "0001_create_shop.sql"),
        ]
        screenshot(page, "report-history")
        page.go_back()
        assert page.locator("#primary--findings").is_visible()


def test_a_database_without_server_is_shown_from_its_models(browser: Browser, shop: Path) -> None:
    assert "geheim" not in shop.read_text()
    with shown(browser, shop) as (page, _):
        page.locator(".databases a", has_text="analytics").click()
        other = page.locator("#analytics")
        assert other.is_visible() and not page.locator("#primary").is_visible()
        assert "offline: from models" in other.inner_text() and "The database was not asked" in other.inner_text()
        assert "postgresql://reader:***@127.0.0.1" in other.inner_text()
        assert other.locator(".at").evaluate_all("cards => cards.map(card => card.dataset.table)") == ["facts"]
        screenshot(page, "report-offline")
        page.locator("#analytics .tabs a", has_text="History").click()
        assert "was not asked" in page.locator("#analytics--history").inner_text()


def test_on_a_phone(browser: Browser, shop: Path) -> None:
    with shown(browser, shop, PHONE, has_touch=True, is_mobile=True) as (page, _):
        screenshot(page, "report-phone")
        assert page.locator("#primary .stage").evaluate("stage => stage.classList.contains('far')"), "names only"
        page.locator('#primary .at[data-table="orders"]').tap()
        page.wait_for_timeout(300)
        assert page.locator("#primary .drawer h3 bdi").inner_text() == "orders"
        card, drawer = page.locator(".at.chosen .card").bounding_box(), page.locator("#primary .drawer").bounding_box()
        assert card and drawer and card["y"] + 60 < drawer["y"], "it is not covered"
        screenshot(page, "report-phone-table")
        page.locator("#primary .drawer .close").tap()
        for name in ("Tables", "Changes", "History"):
            page.locator("#primary .tabs a", has_text=name).tap()
            assert wider_than_window(page) == 0, name
            screenshot(page, f"report-phone-{name.lower()}")


def test_without_scripts_everything_can_be_read(browser: Browser, shop: Path) -> None:
    with shown(browser, shop, java_script_enabled=False) as (page, _):
        for part in ("diagram", "tables", "changes", "findings", "history"):
            assert page.locator(f"#primary--{part}").is_visible()
        assert not page.locator("#search").is_visible()
        screenshot(page, "report-without-scripts")


def test_hostile_names_and_comments_are_text(browser: Browser, tmp_path: Path) -> None:
    schema = hostile()
    drawn = diagram(schema, schema, dialects.get("postgresql"))
    name = "</title><script>alert(3)</script>"
    path = tmp_path / "hostile.html"
    database = PageDatabase(name, "postgresql", url=name, server=name, diagram=drawn, notes=(name,), error=name)
    path.write_text(page(name, name, (database,)))
    with shown(browser, path) as (opened_page, _):
        assert opened_page.evaluate("document.querySelectorAll('script').length") == 1
        assert opened_page.evaluate("document.querySelectorAll('img, b[onclick], [onerror], [onload]').length") == 0
        names = opened_page.locator("article.table").evaluate_all("items => items.map(item => item.dataset.name)")
        assert len(names) == len(schema.tables()) and "<script>alert(1)</script>" in names
        cards = opened_page.locator(".at")
        assert len(set(cards.evaluate_all("cards => cards.map(card => card.dataset.table)"))) == len(names)
        opened_page.keyboard.press("/")
        opened_page.keyboard.type("<script>")
        opened_page.keyboard.press("Enter")
        assert opened_page.locator(".drawer h3 bdi").inner_text() == "<script>alert(1)</script>"
        opened_page.wait_for_timeout(300)
        screenshot(opened_page, "report-hostile")


def test_three_hundred_tables_are_quick(browser: Browser, tmp_path: Path) -> None:
    schema, path = large(300), tmp_path / "large.html"
    started = time.perf_counter()
    drawn = diagram(schema, schema, dialects.get("postgresql"))
    path.write_text(page("large", "1", (PageDatabase("primary", "postgresql", diagram=drawn),)))
    written = time.perf_counter() - started
    with shown(browser, path) as (opened_page, _):
        loaded = opened_page.evaluate("performance.getEntriesByType('navigation')[0].domComplete") / 1000
        screenshot(opened_page, "report-300")
        opened_page.keyboard.press("/")
        opened_page.keyboard.type("item_order")
        assert opened_page.locator("#results [role=option]").count() > 1
        opened_page.keyboard.press("Enter")
        opened_page.wait_for_timeout(300)
        assert opened_page.locator(".at.chosen").count() == 1 and scale(opened_page) >= 0.75
        screenshot(opened_page, "report-300-table")
    assert path.stat().st_size < 4_000_000
    assert written < 10 and loaded < 10  # 0.6 s and 1 s on an idle machine
