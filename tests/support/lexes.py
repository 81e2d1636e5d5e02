"""Lexical rules like those of the three families of engines, for tests of the core that load no dialect."""

from dbwarden.core.sqltext import ANSI, Bodies, LexicalRules

POSTGRESQL = LexicalRules(escape_strings=True, dollar_quotes=True, nested_block_comments=True, bodies=Bodies.ATOMIC)
SQLITE = LexicalRules(identifier_quotes=('"', "`", "["), bodies=Bodies.TRIGGER)
MYSQL = LexicalRules(
    identifier_quotes=("`",),
    string_quotes=("'", '"'),
    backslash_escapes=True,
    line_comments=("--", "#"),
    dash_comment_needs_space=True,
    conditional_comments=True,
    bodies=Bodies.BLOCK,
    delimiter_command=True,
)
ALL = (ANSI, POSTGRESQL, SQLITE, MYSQL)
