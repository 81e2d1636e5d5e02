"""A comment, a line break or another letter case between or in any two words of a statement changes nothing that is read of
it: facts, what our history owns, what an interrupted run can find out, what check-impact sees, how --dev translates it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbwarden import dialects
from dbwarden.core.dialect import INTERIM_PREFIX, Dialect
from dbwarden.core.file import parse
from dbwarden.core.ownership import AppliedMigration, created_by, schemas_in
from dbwarden.core.sqltext import TokenKind, words
from dbwarden.dialects.sqlite.translate import statement as translate
from dbwarden.impact import removals
from tests.dialects.test_reading import COMMENT, ENGINES, LINE, MORE, corpus

EXAMPLES = 60
GAPS = (" ", "\n\t", f" {COMMENT} ", COMMENT, f"\n{LINE}")
CASES: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper, str.swapcase)
IMPACT = (
    "DROP TABLE IF EXISTS a, b",
    "ALTER TABLE a RENAME TO b",
    "ALTER TABLE a DROP COLUMN x",
    "ALTER TABLE a RENAME COLUMN x TO y",
    "CREATE TABLE b AS SELECT x AS z, coalesce(y, 'from') FROM a",
)


@cache
def statements(engine: str) -> list[str]:
    every = dict.fromkeys((*MORE[engine], *IMPACT, *corpus(engine)))
    # The names of a rebuild tell its statements from others, and are told by their letter case on ClickHouse.
    return [sql for sql in every if engine != "clickhouse" or INTERIM_PREFIX not in sql]


@st.composite
def spellings(draw: st.DrawFn, engine: str) -> tuple[str, str]:
    """A statement, and the same one written in another way."""
    sql = draw(st.sampled_from(statements(engine)))
    tokens = list(words(sql, dialects.get(engine).lexical_rules))
    gaps = draw(st.lists(st.sampled_from(GAPS), min_size=len(tokens), max_size=len(tokens)))
    cases = draw(st.lists(st.sampled_from(CASES), min_size=len(tokens), max_size=len(tokens)))
    text, end = "", tokens[0].start
    for token, gap, case in zip(tokens, gaps, cases, strict=True):
        apart = token.start > end or gap.strip()  # what is written together may stay together
        text += (gap if apart else "") + (case(token.text) if token.kind is TokenKind.WORD else token.text)
        end = token.end
    return sql, text.strip()


def believed(sql: str, dialect: Dialect) -> dict[str, object]:
    """Everything that the product reads of a statement, names in small letters."""
    facts, caseless = dialect.facts(sql), dialect.features.caseless_names
    statement = dialect.parse(sql)
    file = parse("0001_x.sql", f"-- upgrade\n{sql}\n;\n-- rollback\n", dialect.lexical_rules)
    impact = removals.read(file, [file], dialect)
    return {
        "facts": (
            facts.known,
            facts.action,
            facts.effects,
            facts.lock,
            facts.reach,
            facts.transactional,
            facts.session,
        ),
        "targets": [str(target).casefold() for target in facts.targets],
        "ownership": sorted(
            str(ref).casefold() for ref in created_by([AppliedMigration([sql])], dialect.parse, caseless)
        ),
        "schemas": sorted({schema.casefold() for schema in schemas_in(statement)}),
        "recovery": dialect.recovery(sql),
        "impact": sorted(
            (str(one.ref).casefold(), one.removal.value, one.detail.casefold()) for one in impact.subjects
        ),
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_another_spelling_is_read_as_the_same_statement(engine: str) -> None:
    dialect = dialects.get(engine)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(spellings(engine))
    def holds(pair: tuple[str, str]) -> None:
        one, other = pair
        assert believed(other, dialect) == believed(one, dialect)

    holds()


def test_another_spelling_is_translated_into_the_same_statements() -> None:
    source = dialects.get("postgresql")

    def translated(sql: str) -> tuple[list[str], list[str]]:
        translated = translate(sql, source)
        return [text.casefold() for text in translated.statements], [why for _, why in translated.losses]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(spellings("postgresql"))
    def holds(pair: tuple[str, str]) -> None:
        one, other = pair
        assert translated(other) == translated(one)

    holds()
