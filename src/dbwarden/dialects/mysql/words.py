"""Lexical rules of MySQL and MariaDB, and the quoting of identifiers."""

from __future__ import annotations

import re

from dbwarden.core.lexical_rules import Bodies, LexicalRules
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import readable
from dbwarden.dialects.base.names import Quoting

LEXICAL_RULES = LexicalRules(
    identifier_quotes=("`",),
    string_quotes=("'", '"'),
    backslash_escapes=True,
    line_comments=("--", "#"),
    dash_comment_needs_space=True,
    conditional_comments=True,
    bodies=Bodies.BLOCK,
    delimiter_command=True,
)

RESERVED = frozenset(
    (
        "accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call cascade"
        " case change char character check collate column condition constraint continue convert create cross cube"
        " cume_dist current_date current_role current_time current_timestamp current_user cursor database databases"
        " day_hour day_microsecond day_minute day_second dec decimal declare default delayed delete delete_domain_id"
        " dense_rank desc describe deterministic distinct distinctrow div do_domain_ids double drop dual each else elseif"
        " empty enclosed escaped except exists exit explain external false fetch first_value float float4 float8 for force"
        " foreign from fulltext function generated get grant group grouping groups having high_priority hour_microsecond"
        " hour_minute hour_second if ignore ignore_domain_ids in index infile inner inout insensitive insert int int1 int2"
        " int3 int4 int8 integer intersect interval into io_after_gtids io_before_gtids is iterate join json_table key"
        " keys kill lag last_value lateral lead leading leave left library like limit linear lines load localtime"
        " localtimestamp lock long longblob longtext loop low_priority manual master_bind master_demote_to_replica"
        " master_demote_to_slave master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext middleint"
        " minute_microsecond minute_second mod modifies natural no_write_to_binlog not nth_value ntile null numeric of"
        " offset on optimize optimizer_costs option optionally or order out outer outfile over page_checksum parallel"
        " parse_vcol_expr partition percent_rank portion precision primary procedure purge qualify range rank read"
        " read_write reads real recursive ref_system_id references regexp release rename repeat replace require resignal"
        " restrict return returning revoke right rlike row row_number rows schema schemas second_microsecond select"
        " sensitive separator set show signal smallint spatial specific sql sql_big_result sql_calc_found_rows"
        " sql_small_result sqlexception sqlstate sqlwarning ssl starting stats_auto_recalc stats_persistent"
        " stats_sample_pages stored straight_join system table tablesample terminated then tinyblob tinyint tinytext to"
        " trailing trigger true undo union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp"
        " values varbinary varchar varcharacter varying virtual when where while window with write xor year_month zerofill"
    ).split()
)
"""Words that cannot be a name without quotes on MySQL 8.0 to 9.7 or MariaDB 10.6 to 11.8: a file may run on either."""
FUNCTIONS = frozenset(
    (
        "adddate bit_and bit_or bit_xor cast count curdate curtime date_add date_sub extract group_concat max mid min now"
        " position session_user std stddev stddev_pop stddev_samp subdate substr substring sum sysdate system_user trim"
        " variance var_pop var_samp"
    ).split()
)
"""Functions whose names cannot stand before a parenthesis if ``sql_mode`` has IGNORE_SPACE (ANSI)."""
QUOTING = Quoting(re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), RESERVED | FUNCTIONS, "`")
quote = QUOTING
"""An identifier, in backticks only if needed."""

_ESCAPE = re.compile(r"\\(.)|(['\"])\2", re.DOTALL)
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}
_UTF8 = frozenset(("_utf8mb4", "_utf8mb3", "_utf8"))
_NOT_ASCII = frozenset(("_binary", "_swe7", "_ucs2", "_utf16", "_utf16le", "_utf32"))
"""Introducers that give the bytes of an ASCII literal another meaning."""
_ESCAPED = {"\\": "\\\\", "'": "''", "\0": "\\0", "\n": "\\n", "\r": "\\r"}


def string_value(literal: str) -> str | None:
    """The value of a string literal in which backslashes escape, perhaps with a character set before it; ``None`` for any
    other text."""
    *introducer, token = readable(literal, LEXICAL_RULES) or (None,)
    if token is None or token.kind is not TokenKind.STRING or token.text[0] in "xXbB":
        return None
    if introducer and (len(introducer) > 1 or not introducer[0].text.startswith("_")):
        return None
    body = token.text[token.text.index(token.text[-1]) + 1 : -1]
    return _ESCAPE.sub(lambda escape: escape[2] or _ESCAPES.get(escape[1], escape[1]), body)


def is_implied(introducer: str, literal: str) -> bool:
    """Whether a word is a character set that the server puts before a string literal, and that does not change the text.

    Beside the names of UTF-8, MySQL prints that of the column which a literal is compared with. Only ``charset``, ``collation``
    and ``coercibility`` of the literal itself would tell the difference.
    """
    word = introducer.lower()
    return word in _UTF8 or (word.startswith("_") and word not in _NOT_ASCII and literal.isascii())


def string_literal(value: str) -> str:
    """A text as the server prints it in definitions."""
    return "'" + "".join(_ESCAPED.get(character, character) for character in value) + "'"
