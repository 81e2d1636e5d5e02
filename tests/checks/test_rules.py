"""Every rule on its annotated SQL file, ``<slug>.sql``.

``-- expect: slug SEVERITY words`` before a statement asks for a finding at it, with words that stand in it; ``-- ok`` says
that this rule finds nothing there; ``-- expect: SEVERITY line 1 words`` names the line. ``-- file: name`` begins another
file (the earlier ones were applied, but for those that begin with ``-- pending: name``), ``-- engine:``
names the dialect (else both), ``-- sizes: t=rows`` gives a database. Findings of other rules are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.checks.rule import Environment, Finding, Severity
from dbwarden.checks.run import all_rules, check_files, rule
from dbwarden.core.dialect import Dialect, Size
from dbwarden.core.file import MigrationFile, parse
from dbwarden.core.types import Ref
from dbwarden.errors import UsageError
from tests.dialects.test_reading import spread

HERE = Path(__file__).parent
RULES = [rule.slug for rule in all_rules()]
FIXTURES = sorted(path.stem for path in HERE.glob("*.sql"))
_EXPECT = re.compile(r"-- expect: (?P<severity>[A-Z]+) (?P<words>.+)")
_NEXT = re.compile(r"^-- next\b.*$", re.MULTILINE)
_OPTION = re.compile(r"^-- (?P<name>engine|sizes|lock_timeout|file): (?P<value>.+)\n", re.MULTILINE)


@dataclass
class Example:
    """One part of a fixture: files of which the last is judged."""

    slug: str
    number: int
    title: str
    text: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def engines(self) -> list[str]:
        return self.options.get("engine", "postgresql").split()


def examples() -> list[Example]:
    """A fixture's parts, which stand between lines ``-- next: title``."""
    parts = []
    for slug in FIXTURES:
        text = (HERE / f"{slug}.sql").read_text()
        titles = ["", *(line.group().removeprefix("-- next: ") for line in _NEXT.finditer(text))]
        for number, (title, part) in enumerate(zip(titles, _NEXT.split(text), strict=True)):
            options = {m["name"]: m["value"] for m in _OPTION.finditer(part)}
            parts.append(Example(slug, number, title, part, options))
    return parts


EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.slug}-{example.number}")
def test_rule(example: Example) -> None:
    for engine in example.engines:
        findings, text = judged(example, dialects.get(engine))
        expected = expectations(text)
        own = [one for one in findings if one.rule == example.slug]
        assert [(one.severity, one.line) for one in own] == [(s, line) for s, line, _ in expected], (engine, own)
        for one, (_, _, words) in zip(own, expected, strict=True):
            assert words in one.message, engine
            assert one.advice, engine


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.slug}-{example.number}")
def test_a_comment_between_any_two_tokens_changes_no_verdict(example: Example) -> None:
    for engine in example.engines:
        dialect = dialects.get(engine)
        plain, _ = judged(example, dialect)
        commented, _ = judged(example, dialect, partial(spread, dialect=dialect, between="/* it's; */"))
        assert [(one.rule, one.severity) for one in plain] == [(one.rule, one.severity) for one in commented]


def judged(
    example: Example, dialect: Dialect, change: Callable[[str], str] = lambda sql: sql
) -> tuple[tuple[Finding, ...], str]:
    """The findings in the last file, and its text. ``change`` is applied to each statement."""
    parts = re.split(r"^-- (file|pending): (.+)\n", _without_options(example.text), flags=re.MULTILINE)
    named = list(zip(parts[1::3], parts[2::3], parts[3::3], strict=True)) or [("file", "0001_example.sql", parts[0])]
    files: list[MigrationFile] = [parse(name, _whole(text), dialect.lexical_rules) for _, name, text in named]
    pending = {name for how, name, _ in named if how == "pending"}
    files = [_changed(file, dialect, change) for file in files]
    sizes = None
    if "sizes" in example.options:
        pairs = [pair.split("=") for pair in example.options["sizes"].split()]
        sizes = {_table(name): Size(int(rows), int(rows) * 100) for name, rows in pairs}
    timeout = example.options.get("lock_timeout")
    wanted = [file for file in files if file is files[-1] or file.name in pending]
    findings = check_files(files, wanted, dialect, Environment(float(timeout) if timeout else None, sizes))
    return tuple(one for one in findings if one.file == files[-1].name), files[-1].text


def _table(name: str) -> Ref:
    schema, _, table = name.rpartition(".")
    return Ref("table", table, schema or None)


def _changed(file: MigrationFile, dialect: Dialect, change: Callable[[str], str]) -> MigrationFile:
    text = file.text
    for statement in reversed([*file.upgrade(None), *file.rollback(None)]):
        start, end = statement.start, statement.start + len(statement.text)
        text = text[:start] + change(statement.text) + text[end:]
    return parse(file.name, text, dialect.lexical_rules)


def _without_options(text: str) -> str:
    return re.sub(r"^-- (engine|sizes|lock_timeout): .+\n", "", text, flags=re.MULTILINE)


def _whole(text: str) -> str:
    return text if re.search(r"^-- upgrade", text, re.MULTILINE) else f"-- upgrade\n{text}"


def expectations(text: str) -> list[tuple[Severity, int, str]]:
    """What stands in the comments, with the line of the next line that is no comment."""
    lines = text.splitlines()
    expected = []
    for at, line in enumerate(lines):
        match = _EXPECT.match(line)
        if match is None:
            continue
        if numbered := re.match(r"line (\d+) ", match["words"]):
            words = match["words"][numbered.end() :]
            expected.append((Severity[match["severity"]], int(numbered[1]), words))
            continue
        target = next(n for n in range(at + 1, len(lines)) if lines[n].strip() and not _EXPECT.match(lines[n]))
        if match["words"].startswith("here "):
            expected.append((Severity[match["severity"]], target + 1, match["words"].removeprefix("here ")))
            continue
        while lines[target].startswith("--"):
            target += 1
        expected.append((Severity[match["severity"]], target + 1, match["words"]))
    return expected


def test_every_rule_has_an_annotated_file_with_both_kinds_of_statements() -> None:
    assert set(FIXTURES) == set(RULES) - {"avoid-drift"}
    for slug in FIXTURES:
        text = (HERE / f"{slug}.sql").read_text()
        assert "-- expect: " in text, slug
        assert "-- ok" in text, slug


@pytest.mark.parametrize("slug", RULES)
def test_every_rule_is_documented(slug: str) -> None:
    page = rule(slug).documentation
    title, empty, *rest = page.splitlines()
    assert title and not title.endswith(".") and not empty
    assert "```" in page and any(word in page for word in Severity.__members__)
    assert rest


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'keep-data'"):
        rule("keep-dat")
    with pytest.raises(UsageError, match=r"known are .*avoid-drift"):
        rule("zzz")
