"""The migration file: names, headers, sections, checksum; text -> value -> text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core.change import Rename
from dbwarden.core.file import parse
from dbwarden.core.file_writer import format
from dbwarden.core.filename import Kind, file_name, parse_name, repeatable_name, slug
from dbwarden.core.stored_rollback import stored_as_generated, stored_rollback, stored_runner
from dbwarden.core.types import Ref
from dbwarden.errors import DBWardenError, FileFormatError, FileNameError, UsageError
from tests.support.lexes import POSTGRESQL, SQLITE

FULL = """\
-- an ordinary comment
-- depends_on: ["0001", "0002"]
-- seed
-- transaction: off

-- upgrade
CREATE TABLE invoices (id int);

CREATE INDEX ix ON invoices (id);

-- rollback
DROP TABLE invoices;

-- upgrade: sqlite
CREATE TABLE invoices (id INTEGER);

-- rollback: sqlite
DROP TABLE IF EXISTS invoices;
"""


def mistake(text: str, name: str = "0001_a.sql", **options: Any) -> str:
    with pytest.raises(FileFormatError) as caught:
        file = parse(name, text, POSTGRESQL, **options)
        file.upgrade()
    assert caught.value.exit_code == 2
    return str(caught.value)


# -- reading ------------------------------------------------------------------------------------------------------


def test_a_full_file() -> None:
    file = parse("0003_add_invoices.sql", FULL, POSTGRESQL, {"sqlite": SQLITE})
    assert (file.key, file.version, file.kind, file.identity) == ("0003", 3, Kind.VERSIONED, 3)
    assert file.description == "add invoices"
    assert (file.depends_on, file.seed, file.transaction, file.irreversible) == (("0001", "0002"), True, "off", None)
    assert [(s.text, s.line) for s in file.upgrade()] == [
        ("CREATE TABLE invoices (id int)", 7),
        ("CREATE INDEX ix ON invoices (id)", 9),
    ]
    assert [(s.text, s.line) for s in file.rollback()] == [("DROP TABLE invoices", 12)]
    assert file.engines == ("sqlite",)
    assert [s.text for s in file.upgrade("sqlite")] == ["CREATE TABLE invoices (id INTEGER)"]
    assert [s.text for s in file.rollback("sqlite")] == ["DROP TABLE IF EXISTS invoices"]
    assert file.upgrade("mysql") == file.upgrade()
    assert file.rollback_sql() == "DROP TABLE invoices;"


def test_byte_order_mark_and_any_line_ends() -> None:
    unix, windows = (parse("0001_a.sql", text) for text in (FULL, "\ufeff" + FULL.replace("\n", "\r\n")))
    assert windows.checksum == unix.checksum
    assert [(s.text, s.line) for s in windows.upgrade()] == [(s.text, s.line) for s in unix.upgrade()]
    assert windows.headers == unix.headers


def test_section_lines_in_quotes_and_comments_are_none() -> None:
    quoted = "DO $$\n-- rollback\nx;\n$$;\nSELECT '\n-- rollback\n' /*\n-- rollback\n*/;\n"
    text = f"-- upgrade\n{quoted}-- rollback of this: no\n"
    file = parse("0001_a.sql", text, POSTGRESQL)
    assert len(file.upgrade()) == 2
    assert file.rollback() == ()


def test_sections_are_recognised_however_they_are_spaced() -> None:
    file = parse("0001_a.sql", "--upgrade\r\na;\r\n--  Rollback : \r\nb;\r\n-- UPGRADE:sqlite  \nc")
    assert [s.text for s in (*file.upgrade(), *file.rollback(), *file.upgrade("sqlite"))] == ["a", "b", "c"]
    assert file.rollback("sqlite") == ()


def test_ordinary_comments_before_the_first_section() -> None:
    text = "-- made by hand\n-- Author: somebody\n-- see https://example.org\n/* seed */\n\n-- upgrade\na;\n"
    assert parse("0001_a.sql", text).headers == {}


def test_checksum_is_that_of_the_upgrade_statements() -> None:
    plain = parse("0001_a.sql", "-- upgrade\na (b);\nc;\n")
    assert plain.checksum == parse("0009_z.sql", "-- seed\n\n-- upgrade\n-- x\n a(b) ; c\n-- rollback\nd;").checksum
    assert plain.checksum != parse("0001_a.sql", "-- upgrade\na (b) c;\n").checksum


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0001_a.sql:1:1: no `-- upgrade` section: a line `-- upgrade` must stand before the statements"),
        (
            "\n-- rollback\na;",
            "0001_a.sql:2:1: no `-- upgrade` section: a line `-- upgrade` must stand before the statements",
        ),
        ("-- upgrade\na;\n-- upgrade\n", "0001_a.sql:3:1: a second `-- upgrade` section"),
        ("-- upgrade\n-- upgrade: x\n-- upgrade: x", "0001_a.sql:3:1: a second `-- upgrade: x` section"),
        (
            "-- x\n  CREATE y;\n-- upgrade\n",
            "0001_a.sql:2:3: before the first section (`-- upgrade`) only headers and comments may stand",
        ),
        (
            "-- upgrade\na;\n-- rollback\n<<<<<<< HEAD\nb;\n=======\nc;\n>>>>>>> topic\n",
            "0001_a.sql:4:1: git left a conflict between HEAD and topic unresolved",
        ),
        (
            "-- upgrade\r\na 'x\r\n<<<<<<<\r\n=======\r\n>>>>>>>\r\ny';\r\n",
            "0001_a.sql:3:1: git left a conflict between one side and the other unresolved",
        ),
        ("-- upgrade\na;\n b 'c", "0001_a.sql:3:4: this string is never closed: 'c"),
        (
            '-- depend_on: ["0001"]\n-- upgrade\n',
            "0001_a.sql:1:1: `depend_on` is not a header; did you mean `depends_on`?",
        ),
        (
            "-- zzz: 1\n-- upgrade\n",
            "0001_a.sql:1:1: `zzz` is not a header; known are depends_on, repeats, seed, transaction, runner, irreversible,"
            " renames, adopted, unowned, proven, unproven",
        ),
        ("-- seeds\n-- upgrade\n", "0001_a.sql:1:1: `seeds` is not a header; did you mean `seed`?"),
        ("-- seed: yes\n-- upgrade\n", "0001_a.sql:1:1: `-- seed` takes no value"),
        ("-- seed\n-- seed\n-- upgrade\n", "0001_a.sql:2:1: a second `-- seed` header"),
        ("\n-- transaction: no\n-- upgrade\n", "0001_a.sql:2:1: `-- transaction:` expects on or off"),
        (
            "-- depends_on: 0001\n-- upgrade\n",
            '0001_a.sql:1:1: `-- depends_on:` expects a list of versions such as ["0001", "0002"]',
        ),
        ("-- irreversible\n-- upgrade\n", "0001_a.sql:1:1: `-- irreversible:` expects a text after the colon"),
        (
            "-- upgrade\na;\n-- irreversible: x\n",
            "0001_a.sql:3:1: `-- irreversible:` is a header, it must stand before the first section",
        ),
        (
            "-- upgrade\na;\n-- rolback\nb;",
            "0001_a.sql:3:1: `-- rolback` is not a section; did you mean `-- rollback`?",
        ),
        ("-- upgrade\na;\n-- down\nb;", "0001_a.sql:3:1: `-- down` is not a section; did you mean `-- rollback`?"),
    ],
)
def test_every_mistake_has_a_place_and_a_sentence(text: str, message: str) -> None:
    assert mistake(text) == message


def test_a_runner() -> None:
    file = parse("0001_a.sql", "-- runner: gh-ost\n\n-- upgrade\nSELECT 1;\n\n-- rollback\nSELECT 2;\n", POSTGRESQL)
    assert file.runner == "gh-ost" and stored_runner(file.rollback_sql()) == "gh-ost"
    generated = parse(file.name, f"-- proven: x\n{file.text}", POSTGRESQL)
    assert stored_runner(generated.rollback_sql()) == "gh-ost" and stored_as_generated(generated.rollback_sql())
    assert [sql.text for sql in stored_rollback(generated.rollback_sql(), POSTGRESQL)[0]] == ["SELECT 2"]
    assert parse("0001_a.sql", FULL, POSTGRESQL).runner is stored_runner("SELECT 2;") is stored_runner(None) is None
    assert "expects the name of a runner, such as gh-ost" in mistake("-- runner: gh ost\n-- upgrade\nSELECT 1;\n")


def test_a_variant_for_an_unknown_engine() -> None:
    text = "-- upgrade\na;\n-- upgrade: sqlit\nb;"
    expected = "0001_a.sql:3:1: `sqlit` is not an engine; did you mean `sqlite`?"
    assert mistake(text, variants={"sqlite": SQLITE}) == expected


def test_a_body_that_is_never_closed_names_the_file() -> None:
    file = parse("0001_a.sql", "-- upgrade\n\nCREATE TRIGGER t BEGIN a;\n", SQLITE)
    with pytest.raises(FileFormatError, match=r"^0001_a.sql:3:1: this statement has a body that is never closed"):
        file.upgrade()


def test_suspicious_words_inside_quotes_are_text() -> None:
    assert parse("0001_a.sql", "-- upgrade\ndo $$\n-- down\n-- transaction: x\n$$;", POSTGRESQL).upgrade()


# -- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0001_create_users.sql", ("0001", Kind.VERSIONED, 1, "create users", None)),
        ("V__0012_add_payment_tables.sql", ("0012", Kind.VERSIONED, 12, "add payment tables", None)),
        ("primary__0003_x.sql", ("0003", Kind.VERSIONED, 3, "x", "primary")),
        ("10000_x.sql", ("10000", Kind.VERSIONED, 10000, "x", None)),
        ("RA__grants.sql", ("RA__grants", Kind.RUNS_ALWAYS, None, "grants", None)),
        ("ROC__active_users.sql", ("ROC__active_users", Kind.RUNS_ON_CHANGE, None, "active users", None)),
        ("RA__2_0.sql", ("RA__2_0", Kind.RUNS_ALWAYS, None, "2 0", None)),
        ("primary__RA__grants.sql", ("RA__grants", Kind.RUNS_ALWAYS, None, "grants", "primary")),
    ],
)
def test_names(name: str, expected: tuple[object, ...]) -> None:
    assert tuple(parse_name(name, "primary")) == expected


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ra__x.sql", "RA__x.sql"),
        ("0001-x.sql", "0001_x.sql"),
        ("a__b__0001_x.sql.sql2", "a__b__0001_x.sql"),
    ],
)
def test_a_name_that_comes_near_is_refused_with_the_one_that_was_meant(name: str, meant: str) -> None:
    with pytest.raises(FileNameError, match=f"is not the name of a migration: rename it to {meant}"):
        parse_name(name)


@pytest.mark.parametrize("name", ["users.sql", "0001.sql", "V1__x.sql"])
def test_other_names_are_refused_with_the_accepted_forms(name: str) -> None:
    with pytest.raises(
        FileNameError, match=r"is not the name of a migration: accepted are NNNN_description\.sql, V__NNNN"
    ):
        parse_name(name)


def test_a_prefix_of_another_database() -> None:
    with pytest.raises(
        FileNameError, match="its prefix names the database audit, but it lies in the folder of primary"
    ):
        parse_name("audit__0001_x.sql", "primary")


def test_slug() -> None:
    assert slug("Add Größe & Straße (v2)!") == "add_grosse_strasse_v2"
    assert slug("../../etc/passwd") == "etc_passwd"
    assert slug("word " * 30) == "word_word_word_word_word_word_word_word_word_word_word_word"
    assert len(slug("x" * 100)) == 60
    with pytest.raises(UsageError, match="'日本' has no letter or digit that a file name can be made of"):
        slug("日本")


@given(st.text(), st.integers(0, 100_000))
def test_a_name_made_of_any_words_is_read_back(words: str, version: int) -> None:
    try:
        name = file_name(version, words)
    except UsageError:
        return
    assert parse_name(name).version == version
    assert name.isascii()
    assert len(slug(words)) <= 60
    assert slug(slug(words)) == slug(words)
    assert parse_name(repeatable_name(Kind.RUNS_ALWAYS, words)).kind is Kind.RUNS_ALWAYS


def test_width() -> None:
    assert file_name(9999, "x") == "9999_x.sql"
    assert file_name(10000, "x") == "10000_x.sql"


# -- writing ------------------------------------------------------------------------------------------------------


def test_format_is_what_a_person_would_write() -> None:
    text = format(
        ["CREATE TABLE invoices (id int)", "CREATE INDEX ix ON invoices (id);"],
        ["DROP TABLE invoices"],
        {"transaction": "off", "seed": True, "depends_on": ["0001", "0002"], "irreversible": None},
        {"sqlite": (["CREATE TABLE invoices (id INTEGER)"], ["DROP TABLE IF EXISTS invoices"])},
    )
    assert text == FULL.removeprefix("-- an ordinary comment\n")


def test_format_of_irreversible_and_empty_files() -> None:
    assert format(["a"], headers={"irreversible": "drops\nrows"}) == "-- irreversible: drops rows\n\n-- upgrade\na;\n"
    assert format([]) == "-- upgrade\n\n-- rollback\n"


def test_format_refuses_what_would_not_be_read_back() -> None:
    assert [s.text for s in parse("0001_a.sql", format(["a -- b", "c"])).upgrade()] == ["a", "c"]
    with pytest.raises(UsageError, match="a statement contains a line that begins a section of the file"):
        format(["select 1\n-- rollback\n"])
    with pytest.raises(UsageError, match="`sed` is not a header; did you mean `seed`"):
        format(["a"], headers={"sed": True})


def test_stored_rollback() -> None:
    file = parse("0001_a.sql", "-- irreversible: gone\n-- upgrade\na;\n")
    assert stored_rollback(file.rollback_sql(), POSTGRESQL) == ((), "gone")
    assert [s.text for s in stored_rollback("a;b", POSTGRESQL)[0]] == ["a", "b"]
    assert stored_rollback(None, POSTGRESQL) == ((), None)


word = st.text("abc xyz\u00e9,()\n\t", min_size=1).map(str.strip).filter(bool)
literal = st.text("ab;-'\"$/* \n").map(lambda text: "'" + text.replace("'", "''") + "'")
dollar = st.text("ab;-'\"/* \n").map(lambda text: f"$q${text}$q$")
comment = st.text("ab;-'\" ").map(lambda text: f"-- x{text}\n") | st.text("ab;'- \n").map(lambda text: f"/*{text}*/")
statement = st.builds(
    lambda first, inner, last: " ".join([first, *inner, last]), word, st.lists(literal | dollar | comment | word), word
)
sentences = st.text("abc :\u00e9", min_size=1).map(lambda text: " ".join(text.split())).filter(bool)


def _rename(old: str, new: str) -> Rename:
    return Rename(Ref("column", old, None, "users"), Ref("column", new, None, "users"))


header_values = st.fixed_dictionaries(
    {},
    optional={
        "depends_on": st.lists(st.from_regex(r"\A[0-9]{4}\Z"), min_size=1).map(tuple),
        "seed": st.just(True),
        "transaction": st.sampled_from(["on", "off"]),
        "irreversible": sentences,
        "renames": st.lists(st.builds(_rename, st.text('ab .:"\t\u00e9', min_size=1), sentences), min_size=1).map(
            tuple
        ),
    },
)


@given(st.lists(statement), st.lists(statement), header_values, st.booleans())
def test_parse_and_format_are_inverse(up: list[str], down: list[str], headers: dict[str, Any], windows: bool) -> None:
    text = format(up, down, headers, {"sqlite": (down, up)}, POSTGRESQL)
    file = parse("0001_a.sql", text.replace("\n", "\r\n") if windows else text, POSTGRESQL)

    def read(statements: tuple[Any, ...]) -> list[str]:
        return [statement.text.replace("\r\n", "\n") for statement in statements]

    assert read(file.upgrade()) == up
    assert read(file.rollback()) == down
    assert (read(file.upgrade("sqlite")), read(file.rollback("sqlite"))) == (down, up)
    assert file.headers == headers
    again = format(read(file.upgrade()), read(file.rollback()), file.headers, {"sqlite": (down, up)}, POSTGRESQL)
    assert again == text


@given(st.text() | st.lists(st.sampled_from([*FULL.splitlines(keepends=True), "'", "$$", "/*", "-- x: "])).map("".join))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse("0001_a.sql", text, POSTGRESQL).upgrade()
    except DBWardenError as error:
        assert isinstance(error, FileFormatError)
        assert str(error).startswith("0001_a.sql:")


DUMP = "-- upgrade\nCREATE TABLE t (a TEXT);\n{}\n-- rollback\nDROP TABLE t;\n"


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        ("\\restrict 5QxZ'\n", "0001_a.sql:3:1", "`\\restrict` is a command of psql, written by pg_dump, not SQL"),
        ("\\connect other\n", "0001_a.sql:3:1", "`\\connect` is a command of psql, not SQL: remove the line"),
        ("SELECT 1\n\\gexec\n", "0001_a.sql:4:1", "`\\gexec` is a command of psql"),
        ("COPY /* all */ t (a)\nFROM stdin WITH (FORMAT csv);\nit's\n\\.\n", "0001_a.sql:3:1", "pg_dump --inserts"),
    ],
)
def test_commands_of_the_client_are_refused(line: str, place: str, reason: str) -> None:
    lexical_rules = replace(POSTGRESQL, client="psql")
    with pytest.raises(FileFormatError) as error:
        parse("0001_a.sql", DUMP.format(line), lexical_rules)
    assert error.value.message.startswith(place) and reason in error.value.message


def test_a_backslash_within_quotes_is_no_command() -> None:
    text = DUMP.format(
        "INSERT INTO t VALUES (E'\\\\x'), ('\\d');\nDO $$ x ~ '\\w' $$;\n-- \\restrict\nCOPY t FROM '/f';"
    )
    lexical_rules = replace(POSTGRESQL, client="psql")
    assert len(parse("0001_a.sql", text, lexical_rules).upgrade()) == 4
