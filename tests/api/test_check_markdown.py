"""``check --out markdown``: the comment for a review, read as code hosts read it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import dbwarden
from dbwarden.api.check import CheckFinding, CheckReport
from dbwarden.api.checked_files import CheckedFile
from dbwarden.cli.check_markdown import LIMIT, to_markdown
from dbwarden.cli.markdown import code, prose, table, text
from tests.support.command import run
from tests.support.project import Project

ODD = [
    "plain",
    "a|b",
    "a`b``c",
    "`",
    "``x``",
    "<script>alert(1)</script>",
    "<!-- -->",
    "*bold* _it_ __b__ ~~x~~",
    "[link](http://example.org)",
    "![image](x.png)",
    "@everyone #77 :tada: http://example.org",
    "a\\|b\\",
    "a & b &amp; &lt;",
    "# heading",
    "- item",
    "1. item",
    "| --- |",
    "two\nlines\r\n\nmore",
    "$x$ $$y$$ ^a^",
    "naïve → 表",
]


def parsed(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)


def inline(markdown: str) -> list[Token]:
    return [child for token in parsed(markdown) if token.type == "inline" for child in token.children or ()]


@pytest.mark.parametrize("value", ODD)
def test_names_stay_what_they_are(value: str) -> None:
    line = " ".join(value.split())
    for render, kinds in ((text, {"text", "text_special"}), (code, {"code_inline", "text"}), (prose, None)):
        for markdown in (f"before {render(value)} after", "\n".join(table(("a", "b"), [(render(value), "x")]))):
            tokens = inline(markdown)
            content = "".join(token.content for token in tokens)
            if render is not prose:
                assert line in content
                assert kinds is None or {token.type for token in tokens} <= kinds
            assert not [token for token in tokens if "html" in token.type or token.type in ("link_open", "image")]
            if markdown.startswith("|"):
                cells = [token for token in parsed(markdown) if token.type == "td_open"]
                assert len(cells) == 2
    assert "@everyone" not in text(value) and "#77" not in text(value) and "://" not in text(value)


def test_advice_has_commands_as_code() -> None:
    advice = "say why with `-- dbwarden: ignore keep-data: ...` (or *not*)"
    tokens = inline(prose(advice))
    assert [token.content for token in tokens if token.type == "code_inline"] == ["-- dbwarden: ignore keep-data: ..."]
    assert "".join(token.content for token in tokens) == advice.replace("`", "")
    assert prose("one ` alone") == text("one ` alone")


MODELS = """
from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True), Column("phone", String(20)), Column("n", Integer))
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.reach(MODELS, "users")
    project.execute("INSERT INTO users (id, phone, n) VALUES (1, 'x', 1)")
    return project


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_comment(project: Project) -> None:
    project.models(MODELS.replace("String(20)", "String(40)").replace('"n", Integer', '"m|`<b>", Integer'))
    project.generate("change")
    by_hand = project.folder / "migrations/primary/0003_by_hand.sql"
    by_hand.write_text("-- irreversible: <i>gone</i>\n\n-- upgrade\nDROP TABLE users;\n")
    comment = run(project.folder, "check", "--out", "markdown", "--force")
    assert comment.startswith("<!-- dbwarden check: primary -->\n\n## primary: CRITICAL\n")
    assert "| **CRITICAL** | [`keep-data`](https://" in comment and "docs/rules/keep-data.md)" in comment
    assert "### `migrations/primary/0002_change.sql`" in comment and "proven (postgresql 15" in comment
    assert "| change | `users.phone` |  | `varchar(20)` | `VARCHAR(40)` |" in comment
    assert "| drop | `users` | column n | `integer` |  |" in comment
    assert "**Data lost:** column users.n (about 1 row)" in comment
    assert "| `users` | ACCESS EXCLUSIVE | everybody waits |" in comment and "| less than a second |" in comment
    assert "**irreversible**: &lt;i&gt;gone&lt;/i&gt;; not tried out" in comment
    assert "**Data lost:** table users (about 1 row)" in comment
    assert "<details><summary>1 statement</summary>" in comment and "`DROP TABLE users`" in comment
    assert next(token.content for token in parsed(comment) if token.type == "html_block").startswith("<!-- dbwarden")

    document = json.loads(run(project.folder, "check", "--out", "json", "--force"))
    first, second = document["migrations"]
    changes = {(change["object"], change["part"]): (change["from"], change["to"]) for change in first["changes"]}
    assert changes["users.phone", ""] == ("varchar(20)", "VARCHAR(40)")
    assert (first["proof"], second["proof"], second["rollback"]) == ("proven", "none", False)
    assert second["lost_data"] == [{"object": "table users", "rows": 1}]
    assert second["locks"][0]["blocks"] == "everybody"

    path = project.files()[1]
    path.write_text(path.read_text().replace("VARCHAR(40)", "VARCHAR(50)"))
    assert "**edited after it was proven**" in run(project.folder, "check", "--out", "markdown", "--force")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_long_report_is_cut_and_says_so(project: Project) -> None:
    project.models(MODELS.replace("String(20)", "String(40)"))
    project.generate("change")
    report: CheckReport = dbwarden.check(config=project.config)
    (file,) = report.migrations
    finding = CheckFinding("WARN", "avoid-table-rewrites", file.name, file.path, 3, "m" * 100, "a" * 100)
    worst = replace(finding, severity="CRITICAL", rule="keep-data")
    files = tuple(replace(file, name=f"{at}.sql", path=file.path.with_name(f"{at:04}.sql")) for at in range(300))

    def rendered(migrations: tuple[CheckedFile, ...], findings: tuple[CheckFinding, ...], limit: int = LIMIT) -> str:
        long = replace(report, migrations=migrations, findings=findings)
        return to_markdown([long], lambda _: "CRITICAL: much", limit)

    whole = rendered(files[:3], (worst,))
    assert "Left out" not in whole and len(whole) < LIMIT
    some = rendered(files[:60], (worst,))
    assert (
        len(some) <= LIMIT
        and "**Left out, because a comment has room for 65,536 characters:** statements of a file (" in some
    )
    assert some.count("| change | of | what |") == 60, "changes are more than statements"
    assert all(f"{at:04}.sql" in some for at in range(60))
    full = rendered(files, (*[finding] * 300, *[worst] * 20))
    assert len(full) <= LIMIT and full.count("**CRITICAL**") == 20 and "WARN findings (" in full
    for limit in (1000, 3000, 10_000):
        assert len(rendered(files, (worst,), limit)) <= limit
