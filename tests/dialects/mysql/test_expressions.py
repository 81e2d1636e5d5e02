"""Keys of expressions: what a person writes has the key of what either server makes of it (measured on MariaDB 10.11 and MySQL
9.7), and two different meanings never have one key."""

from __future__ import annotations

import pytest

from dbwarden.core.types import DataType, Expression
from dbwarden.dialects.mysql import defaults, expressions, types
from dbwarden.dialects.mysql.expressions import key, latin1_restored, readable, unescaped

# As written, as MariaDB prints it, as MySQL prints it in SHOW CREATE TABLE.
PRINTED = [
    ("n > 0 AND m < 3", "`n` > 0 and `m` < 3", "((`n` > 0) and (`m` < 3))"),
    ("n > 0 && m < 3 || n = 7", "`n` > 0 and `m` < 3 or `n` = 7", "(((`n` > 0) and (`m` < 3)) or (`n` = 7))"),
    ("n + 1 * m - 2 > 0", "`n` + 1 * `m` - 2 > 0", "(((`n` + (1 * `m`)) - 2) > 0)"),
    ("n - (m - 1) > 0", "`n` - (`m` - 1) > 0", "((`n` - (`m` - 1)) > 0)"),
    ("not n > 0", "`n` <= 0", "(`n` <= 0)"),
    ("NOT (n > 0 and m > 0)", "`n` <= 0 or `m` <= 0", "((`n` <= 0) or (`m` <= 0))"),
    ("-n < 0", "-`n` < 0", "(-(`n`) < 0)"),
    ("- 5 < n", "-5 < `n`", "(-(5) < `n`)"),
    ("n != 1", "`n` <> 1", "(`n` <> 1)"),
    ("not (n is null)", "`n` is not null", "(`n` is not null)"),
    ("n is true", "`n` is true", "((0 <> `n`) is true)"),
    ("n = 1 is true", "`n` = 1 is true", "((`n` = 1) is true)"),
    ("s not like 'a%'", "`s`  not like 'a%'", "(not((`s` like _utf8mb4'a%')))"),
    ("s like 'a!%' escape '!'", "`s` like 'a!%' escape '!'", "(`s` like _utf8mb4'a!%' escape _utf8mb4'!')"),
    ("s not regexp '^a'", "!(`s` regexp '^a')", "(not(regexp_like(`s`,_utf8mb4'^a')))"),
    ("s rlike 'x'", "`s` regexp 'x'", "regexp_like(`s`,_utf8mb4'x')"),
    ("n not between 1 and 5", "`n` not between 1 and 5", "(`n` not between 1 and 5)"),
    ("n between 1 and 5 and m = 2", "`n` between 1 and 5 and `m` = 2", "((`n` between 1 and 5) and (`m` = 2))"),
    ("n not in (1, 2)", "`n` not in (1,2)", "(`n` not in (1,2))"),
    ('s in ("a")', "`s` = 'a'", "(`s` = _utf8mb4'a')"),
    (
        "CASE WHEN n > 0 THEN 1 ELSE 0 END = 1",
        "case when `n` > 0 then 1 else 0 end = 1",
        "((case when (`n` > 0) then 1 else 0 end) = 1)",
    ),
    ("case n when 1 then 2 end > 0", "case `n` when 1 then 2 end > 0", "((case `n` when 1 then 2 end) > 0)"),
    (
        "cast(n as char(10)) = 's'",
        "cast(`n` as char(10) charset utf8mb4) = 's'",
        "(cast(`n` as char(10) charset utf8mb4) = _utf8mb4's')",
    ),
    ("convert(n, signed integer) > 1", "cast(`n` as signed) > 1", "(cast(`n` as signed) > 1)"),
    (
        "convert(s using utf8mb4) = 'x'",
        "convert(`s` using utf8mb4) = 'x'",
        "(convert(`s` using utf8mb4) = _utf8mb4'x')",
    ),
    ("CHARACTER_LENGTH(s) > 2", "char_length(`s`) > 2", "(char_length(`s`) > 2)"),
    ("length(s) > 0", "octet_length(`s`) > 0", "(length(`s`) > 0)"),
    ("lower(trim(s)) <> ''", "lcase(trim(`s`)) <> ''", "(lower(trim(`s`)) <> _utf8mb4'')"),
    ("trim(both 'x' from s) = s", "trim(both 'x' from `s`) = `s`", "(trim(both _utf8mb4'x' from `s`) = `s`)"),
    ("substring(s from 1 for 2) = 'a'", "substr(`s`,1,2) = 'a'", "(substr(`s`,1,2) = _utf8mb4'a')"),
    ("mod(n, 2) = 1", "`n` MOD 2 = 1", "((`n` % 2) = 1)"),
    ("n div 2 = 1", "`n` DIV 2 = 1", "((`n` DIV 2) = 1)"),
    ("n xor m", "`n` xor `m`", "((0 <> `n`) xor (0 <> `m`))"),
    ("binary s = 'x'", "cast(`s` as char charset binary) = 'x'", "(cast(`s` as char charset binary) = _utf8mb4'x')"),
    ("s collate utf8mb4_bin = 'x'", "`s` collate utf8mb4_bin = 'x'", "((`s` collate utf8mb4_bin) = _utf8mb4'x')"),
    ("d > date '2020-01-01'", "`d` > DATE'2020-01-01'", "(`d` > DATE'2020-01-01')"),
    ("date_add(d, interval 1 day) > d", "`d` + interval 1 day > `d`", "((`d` + interval 1 day) > `d`)"),
    ("d - interval 2 month > d", "`d` - interval 2 month > `d`", "((`d` - interval 2 month) > `d`)"),
    ("extract(year from d) > 2000", "extract(year from `d`) > 2000", "(extract(year from `d`) > 2000)"),
    ("n > .5", "`n` > 0.5", "(`n` > 0.5)"),
    ("n = true", "`n` = 1", "(`n` = true)"),
    ("power(n, 2) > 1", "pow(`n`,2) > 1", "(pow(`n`,2) > 1)"),
    ("round(n) > 1", "round(`n`,0) > 1", "(round(`n`,0) > 1)"),
    ("b = b'1'", "`b` = 0x01", "(`b` = 0x01)"),
    ("b = x'1F'", "`b` = X'1f'", "(`b` = 0x1f)"),
    ("instr(s, 'a') > 0", "locate('a',`s`) > 0", "(locate(_utf8mb4'a',`s`) > 0)"),
    ("position('a' in s) > 0", "locate('a',`s`) > 0", "(locate(_utf8mb4'a',`s`) > 0)"),
    ("day(d) = 1", "dayofmonth(`d`) = 1", "(dayofmonth(`d`) = 1)"),
    ("timestampdiff(day, d, d) > 1", "timestampdiff(DAY,`d`,`d`) > 1", "(timestampdiff(DAY,`d`,`d`) > 1)"),
    ("date(d) = d", "cast(`d` as date) = `d`", "(cast(`d` as date) = `d`)"),
    ("s <> ''", "`s` <> ''", "(`s` <> _latin1'')"),  # in an ALTER that also adds the column
    ("s = 'it''s'", r"`s` = 'it\'s'", r"(`s` = _utf8mb4'it\'s')"),
    ("j->>'$.a' = 's'", None, "(json_unquote(json_extract(`j`,_utf8mb4'$.a')) = _utf8mb4's')"),
    ("1 member of (j)", None, "1 member of (`j`)"),
]
DIFFERENT = [
    ("a and b or c", "a and (b or c)"),
    ("a - b - c", "a - (b - c)"),
    ("a > 1", "a >= 1"),
    ("not a = b", "not (a <=> b)"),
    ("a = 'x'", "a = 'X'"),
    ("a = 'x '", "a = 'x'"),
    ("a = 1", "a = '1'"),
    ("a = 0x01", "a = 0x0001"),
    ("a = _latin1'é'", "a = 'é'"),
    ("a = _utf16'x'", "a = 'x'"),
    ("a in (1, 2)", "a not in (1, 2)"),
    ("cast(a as char)", "cast(a as char charset binary)"),
    ("cast(a as decimal(10,2))", "cast(a as decimal(10,3))"),
    ("trim(leading 'x' from a)", "trim(trailing 'x' from a)"),
    ("interval 1 day + a", "interval 1 hour + a"),
    ("a collate utf8mb4_bin", "a collate utf8mb4_general_ci"),
    ("case when a then 1 end", "case a when 1 then 1 end"),
    ("now()", "now(6)"),
    ("a is null", "a is not null"),
    ("(a = 0) + 1", "(not a) - 1"),
    ("locate(a, b)", "locate(b, a)"),
]


@pytest.mark.parametrize(("written", "mariadb", "mysql"), PRINTED, ids=[row[0] for row in PRINTED])
def test_an_expression_has_the_key_of_what_the_servers_print(written: str, mariadb: str | None, mysql: str) -> None:
    wanted = key(written, condition=True)
    for printed in filter(None, (mariadb, mysql)):
        assert key(printed, condition=True) == wanted
        assert key(readable(printed), condition=True) == wanted


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_different_meanings_have_different_keys(first: str, second: str) -> None:
    for condition in (False, True):
        assert key(first, condition) != key(second, condition)


@pytest.mark.parametrize(("written", "mariadb", "mysql"), PRINTED, ids=[row[0] for row in PRINTED])
def test_the_key_of_a_key_is_itself(written: str, mariadb: str | None, mysql: str) -> None:
    """Renaming a column changes the key too, so it must read as an expression."""
    renamed = Expression(written, key(written), expressions.NAMES).renamed("n", "other")
    assert renamed.key == key(renamed.text)


@pytest.mark.parametrize(
    "text", ["(((", "a = 'never closed", "select 1", "a = (select max(b) from t)", "", "1abc", "a b"]
)
def test_what_the_parser_does_not_know_is_compared_by_its_tokens(text: str) -> None:
    assert key(text) == key(f" {text} ")


def test_a_deep_expression_is_compared_by_its_tokens() -> None:
    assert key("(" * 400 + "a" + ")" * 400)


def test_the_servers_texts_become_readable() -> None:
    assert readable("(concat(`a`,_utf8mb4'x') = `Order`)") == "concat(a,'x') = `Order`"
    assert readable("(`select` > 0)") == "`select` > 0"
    assert readable("(`a` = _latin1'x')") == "a = 'x'"
    assert readable("(`a` = _utf16'x')") == "a = _utf16'x'"
    assert unescaped(r"(`a` = _utf8mb4\'it\\\'s\')") == r"(`a` = _utf8mb4'it\'s')"
    assert latin1_restored("`a` = 'Ã©'") == "`a` = 'é'"
    assert latin1_restored("`a` = 'ÃƒÂ©'") == "`a` = 'Ã©'"
    assert latin1_restored("`a` = 'あ'") == "`a` = 'あ'"


DEFAULTS = [
    ("int", "'0'", "0", "0"),
    ("int", "1.5", "2", "2"),
    ("tinyint(1)", "true", "1", "1"),
    ("tinyint(1)", "FALSE", "0", "0"),
    ("int", "(- 5)", "-5", "-5"),
    ("decimal(10,2)", "'1.5'", "1.50", "1.50"),
    ("decimal(10,0)", "0", "0", "0"),
    ("double", "1e3", "1000", "1000"),
    ("float", "1.50", "1.5", "1.5"),
    ("bit(4)", "5", "b'101'", "b'101'"),
    ("bit(1)", "b'0'", "b'0'", "b'0'"),
    ("year", "'2020'", "2020", "2020"),
    ("varchar(20)", "'it''s'", "'it''s'", "'it''s'"),
    ("varchar(20)", '"it\'s"', "'it''s'", "'it''s'"),
    ("varchar(20)", "_utf8mb4'x'", "'x'", "'x'"),
    ("varchar(20)", "5", "'5'", "'5'"),
    ("varchar(20)", "'NULL'", "'NULL'", "'NULL'"),
    ("enum('a','b')", "'a'", "'a'", "'a'"),
    ("date", "'2020-1-2'", "'2020-01-02'", "'2020-01-02'"),
    ("datetime", "'2020-01-01'", "'2020-01-01 00:00:00'", "'2020-01-01 00:00:00'"),
    ("datetime(3)", "'2020-01-01 10:00'", "'2020-01-01 10:00:00.000'", "'2020-01-01 10:00:00.000'"),
    ("time", "'1:2'", "'01:02:00'", "'01:02:00'"),
    ("timestamp", "now()", "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"),
    ("datetime(6)", "current_timestamp(6)", "CURRENT_TIMESTAMP(6)", "CURRENT_TIMESTAMP(6)"),
    ("varchar(30)", "now()", "(CURRENT_TIMESTAMP)", "(CURRENT_TIMESTAMP)"),
    ("text", "'x'", "'x'", "('x')"),
    ("json", "'{}'", "'{}'", "('{}')"),
    ("blob", "x'ff'", "0xff", "(0xff)"),
    ("binary(4)", r"'ab\0\0'", "'ab'", "'ab'"),
    ("varbinary(4)", "0x6162", "'ab'", "'ab'"),
    ("char(36)", "uuid()", "(uuid())", "(uuid())"),
    ("int", "((1 + 2))", "(1 + 2)", "(1 + 2)"),
]


@pytest.mark.parametrize(("column", "written", "mariadb", "mysql"), DEFAULTS)
def test_a_default_is_what_the_column_stores(column: str, written: str, mariadb: str, mysql: str) -> None:
    datatype = types.parse(column)
    for flavour, text in (("mariadb", mariadb), ("mysql", mysql)):
        default = defaults.canonical_default(Expression(written), datatype, flavour)
        assert default is not None
        assert default.text == text
        assert defaults.canonical_default(default, datatype, flavour) is default
        again = defaults.canonical_default(Expression(text), datatype, flavour)
        assert again == default


@pytest.mark.parametrize("text", ["NULL", "(null)", "null"])
def test_null_is_no_default(text: str) -> None:
    assert defaults.canonical_default(Expression(text), DataType("int"), "mysql") is None


def test_on_update_is_split_from_the_default() -> None:
    assert defaults.split_on_update("CURRENT_TIMESTAMP on update current_timestamp()") == (
        "CURRENT_TIMESTAMP",
        "CURRENT_TIMESTAMP",
    )
    assert defaults.split_on_update("NULL ON UPDATE now(6)") == ("NULL", "CURRENT_TIMESTAMP(6)")
    assert defaults.split_on_update("'x'") == ("'x'", None)
