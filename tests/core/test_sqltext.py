"""Tokens, statements, checksums."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dbwarden.core import sqltext
from dbwarden.core.sqltext import (
    ANSI,
    Bodies,
    LexicalRules,
    TokenKind,
    checksum,
    normalized,
    split,
    tokens,
    words,
)
from dbwarden.errors import SqlTextError
from tests.support.lexes import ALL, MYSQL, POSTGRESQL, SQLITE
from tests.support.work import calls, processor_time

PIECES = [
    *"'\"`[];$#-/*\\()\n\t eE1a.:",
    *("''", "--", "/*", "*/", "/*!", "$$", "$a$", "E'", " CREATE TRIGGER ", " BEGIN ", " END", " CASE ", " ATOMIC "),
    *(
        "CREATE FUNCTION ",
        "\r\n",
        "select 1;",
        "\nDELIMITER //\n",
        "//",
        "é",
        "\u00a0",
        "x$y$",
        "$1",
        "N'",
        "U&'",
        "\x00",
    ),
]
sql_text = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
lexes = st.sampled_from(ALL)


def texts(sql: str, lexical_rules: LexicalRules = ANSI) -> list[str]:
    return [statement.text for statement in split(sql, lexical_rules)]


# -- nothing is lost ----------------------------------------------------------------------------------------------


@given(sql_text, lexes)
def test_tokens_joined_are_the_text(sql: str, lexical_rules: LexicalRules) -> None:
    try:
        spans = list(tokens(sql, lexical_rules))
    except SqlTextError:
        return
    assert "".join(token.text for token in spans) == sql
    assert all(sql[token.start : token.end] == token.text for token in spans)


@given(sql_text, lexes)
@example("a;'b;c';/* d; */ e -- f;\n;g", ANSI)
@example("a$$ $$;$$b;$$", POSTGRESQL)
@example("select 1$$;$$;e'\\';'", POSTGRESQL)
def test_split_never_loses_or_moves_a_byte(sql: str, lexical_rules: LexicalRules) -> None:
    try:
        statements = split(sql, lexical_rules)
    except SqlTextError:
        return
    end = 0
    for statement in statements:
        assert statement.start >= end
        assert sql[statement.start : statement.start + len(statement.text)] == statement.text
        assert statement.line == sql.count("\n", 0, statement.start) + 1
        assert_is_gap(sql[end : statement.start], lexical_rules)
        end = statement.start + len(statement.text)
    assert_is_gap(sql[end:], lexical_rules)


def assert_is_gap(gap: str, lexical_rules: LexicalRules) -> None:
    """White space, comments and delimiters; with DELIMITER anything may be one."""
    if not lexical_rules.delimiter_command:
        assert all(token.text == ";" for token in words(gap, lexical_rules)), gap


@given(sql_text, st.sampled_from([ANSI, POSTGRESQL, SQLITE]))
def test_the_fast_reader_agrees_with_the_tokens(sql: str, lexical_rules: LexicalRules) -> None:
    plain = LexicalRules(
        **{name: getattr(lexical_rules, name) for name in lexical_rules.__dataclass_fields__} | {"bodies": Bodies.NONE}
    )
    try:
        expected: list[list[str]] = [[]]
        for token in words(sql, plain):
            expected.append([]) if token.text == ";" else expected[-1].append(token.text)
    except SqlTextError:
        with pytest.raises(SqlTextError):
            split(sql, plain)
        return
    assert [[token.text for token in words(text, plain)] for text in texts(sql, plain)] == [e for e in expected if e]


@given(sql_text, lexes)
def test_normalized_reads_the_same_tokens_again(sql: str, lexical_rules: LexicalRules) -> None:
    try:
        expected = [token.text.replace("\r\n", "\n") for token in words(sql, lexical_rules)]
    except SqlTextError:
        with pytest.raises(SqlTextError):
            normalized(sql, lexical_rules)
        return
    assert normalized(sql, lexical_rules) == " ".join(expected)


# -- statements ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select ';', 'it''s;' ; select 2", ["select ';', 'it''s;'", "select 2"]),
        ('select ";" ; x', ['select ";"', "x"]),
        ("-- first; comment\nselect 1; -- last", ["select 1"]),
        ("select /* ; */ 1 -- ; end\n, 2;", ["select /* ; */ 1 -- ; end\n, 2"]),
        ("select '--', 1; select '/*';", ["select '--', 1", "select '/*'"]),
        (";;\n; -- nothing\n/* nothing */;", []),
        ("a\n-- trailing\n;b", ["a", "b"]),
    ],
)
def test_split_standard(sql: str, expected: list[str]) -> None:
    assert texts(sql) == expected


def test_offsets_and_lines_are_those_of_the_whole_text() -> None:
    sql = "xx\n-- c\nselect\n1;\n\n  select 2"
    assert [(s.start, s.line) for s in split(sql, ANSI, 3)] == [(8, 3), (21, 6)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("do $$ begin a; b; end $$; c", ["do $$ begin a; b; end $$", "c"]),
        ("do $a$ x; $$; $b$; $a$; c", ["do $a$ x; $$; $b$; $a$", "c"]),
        (r"select E'\';', e'a''b;'; c", [r"select E'\';', e'a''b;'", "c"]),
        (r"select '\'; c", [r"select '\'", "c"]),
        ("select a$b$ from t; c$b$", ["select a$b$ from t", "c$b$"]),
        ("/* a /* b; */ c; */ select 1; d", ["select 1", "d"]),
        ("select 1 /* a /* b; */ c; */, 2; d", ["select 1 /* a /* b; */ c; */, 2", "d"]),
        ("execute p($1); c", ["execute p($1)", "c"]),
        ("create rule r as on delete to t do (a; b); c", ["create rule r as on delete to t do (a; b)", "c"]),
        ("BEGIN; a; COMMIT;", ["BEGIN", "a", "COMMIT"]),
        (
            "create or replace function f() returns int begin atomic\n select case when a then 1 end; b;\nend; c",
            ["create or replace function f() returns int begin atomic\n select case when a then 1 end; b;\nend", "c"],
        ),
    ],
)
def test_split_postgresql(sql: str, expected: list[str]) -> None:
    assert texts(sql, POSTGRESQL) == expected


TRIGGER = (
    'CREATE TEMP TRIGGER "t;" AFTER UPDATE OF "end" ON x WHEN CASE new.a WHEN 1 THEN 1 END BEGIN\n'
    "  UPDATE x SET end = CASE WHEN begin THEN CASE 1 WHEN 1 THEN 2 END END; -- END;\n"
    "  DELETE FROM [a;b];\nEND"
)


def test_split_sqlite_trigger() -> None:
    assert texts(f"-- a trigger\n{TRIGGER};\nSELECT `;`;", SQLITE) == [TRIGGER, "SELECT `;`"]
    assert texts(TRIGGER, SQLITE) == [TRIGGER]
    assert texts("BEGIN; SELECT 1; END;", SQLITE) == ["BEGIN", "SELECT 1", "END"]


PROCEDURE = (
    "CREATE DEFINER=`root`@`localhost` PROCEDURE p() BEGIN\n"
    "  IF a THEN SELECT 1; END IF;\n  CASE x WHEN 1 THEN SELECT 2; END CASE;\n"
    "  l: LOOP BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END; LEAVE l; END LOOP;\nEND"
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"{PROCEDURE}; SELECT 3;", [PROCEDURE, "SELECT 3"]),
        ("SELECT 1;\nDELIMITER //\na; b//\nc;\n//\ndelimiter ;\nd; e", ["SELECT 1", "a; b", "c;", "d", "e"]),
        ("DELIMITER $$\na 'x$$y'; b$$\nDELIMITER ;\nc", ["a 'x$$y'; b", "c"]),
        (r"SELECT 'a\';', "
         '"b;"; c # d;', [r"SELECT 'a\';', " '"b;"', "c"]),
        ("SELECT 5--1; -- x;\nb", ["SELECT 5--1", "b"]),
        ("/*!40101 SET NAMES utf8 */; b", ["/*!40101 SET NAMES utf8 */", "b"]),
        ("SELECT 2*/* c; */3; b", ["SELECT 2*/* c; */3", "b"]),
        ("SELECT /*! STRAIGHT_JOIN */* FROM t; b /* c */; d", ["SELECT /*! STRAIGHT_JOIN */* FROM t", "b", "d"]),
        ("SELECT /*! '*/' */* FROM t", ["SELECT /*! '*/' */* FROM t"]),
        ("/*! a */* b; c", ["/*! a */* b", "c"]),
    ],
)  # fmt: skip
def test_split_mysql(sql: str, expected: list[str]) -> None:
    assert texts(sql, MYSQL) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a*/* c */b", "a * b"),
        ("a */**/ b", "a * b"),
        ("a*/*! b */", "a * /*! b */"),
        ("/*! a *//* c */b", "/*! a */ b"),
        ("SELECT /*! STRAIGHT_JOIN */* FROM t", "SELECT /*! STRAIGHT_JOIN */ * FROM t"),
    ],
)
def test_a_star_before_a_comment_ends_no_conditional_comment(sql: str, expected: str) -> None:
    assert [token.text for token in words(sql, MYSQL)] == expected.split() == sqltext.texts(sql, MYSQL)


@pytest.mark.parametrize(
    ("sql", "lexical_rules", "message"),
    [
        ("a;\n b 'cd\n", ANSI, "line 2, column 4: this string is never closed: 'cd"),
        ("a 'b''c", ANSI, "line 1, column 3: this string is never closed: 'b''c"),
        ('x "y', ANSI, 'line 1, column 3: this quoted name is never closed: "y'),
        ("x\n/* y", ANSI, "line 2, column 1: this comment is never closed: /* y"),
        ("x /* /* */", POSTGRESQL, "line 1, column 3: this comment is never closed: /* /* */"),
        ("x\r\n  $f$ y $$", POSTGRESQL, "line 2, column 3: this dollar quote is never closed: $f$ y $$"),
        (r"E'\'", POSTGRESQL, r"line 1, column 2: this string is never closed: '\'"),
        ("x [y", SQLITE, "line 1, column 3: this quoted name is never closed: [y"),
        (
            "a;\nCREATE TRIGGER t BEGIN b; ",
            SQLITE,
            "line 2, column 1: this statement has a body that is never closed: END is missing",
        ),
    ],
)
def test_what_is_never_closed_is_named_with_its_place(sql: str, lexical_rules: LexicalRules, message: str) -> None:
    with pytest.raises(SqlTextError) as caught:
        split(sql, lexical_rules)
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("lexical_rules", ALL)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "'",
            '"',
            "$",
            "$a$ ",
            "/*",
            "-",
            "[",
            "`",
            "E'",
            "(",
            "\\",
            "a$",
            "select 1;",
            "/*!",
            "*/*",
            "*/* ",
            "/*!'*",
        ),
        *(" ", "/**/", "-- a\n", "''", "'a\\'", "1", "a"),
    ],
)
def test_linear_time_for_any_text(lexical_rules: LexicalRules, piece: str) -> None:
    with processor_time(20):  # 0.3 s; quadratic would be hours
        for before in ("", "CREATE "):
            for read in (split, normalized):
                with suppress(SqlTextError):
                    read(before + piece * 100_000, lexical_rules)


# -- tokens and checksums -----------------------------------------------------------------------------------------


def test_token_kinds() -> None:
    sql = """SELECT a."B", 1.5e3, 'x', $$y$$, $1::int -- z"""
    kinds = [(token.kind, token.text) for token in tokens(sql, POSTGRESQL) if token.kind is not TokenKind.SPACE]
    assert kinds == [
        (TokenKind.WORD, "SELECT"),
        (TokenKind.WORD, "a"),
        (TokenKind.OPERATOR, "."),
        (TokenKind.IDENTIFIER, '"B"'),
        (TokenKind.OPERATOR, ","),
        (TokenKind.NUMBER, "1.5e3"),
        (TokenKind.OPERATOR, ","),
        (TokenKind.STRING, "'x'"),
        (TokenKind.OPERATOR, ","),
        (TokenKind.DOLLAR, "$$y$$"),
        (TokenKind.OPERATOR, ","),
        (TokenKind.WORD, "$1"),
        (TokenKind.OPERATOR, "::"),
        (TokenKind.WORD, "int"),
        (TokenKind.COMMENT, "-- z"),
    ]


def test_checksum_counts_tokens_and_borders_only() -> None:
    one = checksum(["CREATE TABLE t(a int)", "x"])
    assert one == checksum(["CREATE  TABLE t ( -- words\r\n a /* b */ int )", "x"])
    assert one != checksum(["create table t(a int)", "x"])
    assert one != checksum(["CREATE TABLE t(a int) x"])
    assert checksum(["a b"]) != checksum(["a", "b"])
    assert checksum(["'a  b'"]) != checksum(["'a b'"])
    assert checksum(["$$a\r\nb$$"], POSTGRESQL) == checksum(["$$a\nb$$"], POSTGRESQL)
    assert checksum([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# -- work ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lexical_rules", ALL)
def test_data_is_split_and_summed_without_a_look_at_single_tokens(
    lexical_rules: LexicalRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command does both with every applied file: files of data have a hundred thousand statements."""

    def work(count: int) -> int:
        sql = "INSERT INTO t VALUES (1, 'a; -- b', 'for 5 $ or 6 $, it''s', 'c');\n" * count
        return calls(lambda: checksum(texts(sql, lexical_rules), lexical_rules))

    work(1)  # compiles the patterns
    monkeypatch.setattr(sqltext, "tokens", lambda *_: pytest.fail("tokens are read one by one"))
    assert work(400) - work(200) <= 200 * 60


@given(sql_text, lexes)
@example("SELECT 1 -- a\r", SQLITE)
@example("SELECT '--' -- a", SQLITE)
@example("SELECT 'a\n--' /* b */", SQLITE)
@example("SELECT $$ -- a $$", POSTGRESQL)
@example("SELECT 1 --a", MYSQL)
@example("----", MYSQL)
def test_a_statement_ends_with_its_last_token(sql: str, lexical_rules: LexicalRules) -> None:
    """However that end was come by."""
    with suppress(SqlTextError):
        ends = {token.end for token in words(sql, lexical_rules)}
        for statement in split(sql, lexical_rules):
            assert statement.text.startswith("\\") or statement.start + len(statement.text) in ends


@given(sql_text, lexes)
@example("a $1 $2$ $ b$c$", POSTGRESQL)
def test_the_canonical_text_is_that_of_the_tokens(sql: str, lexical_rules: LexicalRules) -> None:
    with suppress(SqlTextError):
        expected = " ".join(token.text for token in words(sql, lexical_rules)).replace("\r\n", "\n")
        assert normalized(sql, lexical_rules) == expected
