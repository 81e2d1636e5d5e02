"""Statements as the text of a script, for the engine's own client and for ``sqltext.split``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .sqltext import LexicalRules, split, words

_DELIMITERS = ("//", "$$", "//dbwarden//")


def script(sections: Iterable[tuple[str, Sequence[str]]], lexical_rules: LexicalRules) -> str:
    """The text of titled sections; a title becomes a comment. A section without statements is its comment alone."""
    blocks = []
    for title, statements in sections:
        lines = [f"-- {' '.join(title.split())}\n"] if title else []
        blocks.append("".join([*lines, *(_terminated(statement, lexical_rules) for statement in statements)]))
    return "\n".join(blocks)


def _terminated(sql: str, lexical_rules: LexicalRules) -> str:
    """A statement with its delimiter: where the client needs it, one that the body of a routine does not contain."""
    sql = sql.strip()
    if not lexical_rules.delimiter_command or not _has_semicolon(sql, lexical_rules):
        sql = _without_end(sql, lexical_rules)
        return f"{sql}\n;\n" if _may_end_in_comment(sql, lexical_rules) else f"{sql};\n"
    delimiter = next(mark for mark in _DELIMITERS if mark not in sql)
    return f"DELIMITER {delimiter}\n{sql}\n{delimiter}\nDELIMITER ;\n"


def _without_end(sql: str, lexical_rules: LexicalRules) -> str:
    """A statement without the semicolon at its end; one with a body keeps those inside."""
    statements = split(sql, lexical_rules)
    return statements[0].text if len(statements) == 1 else sql.rstrip(";").rstrip()


def _has_semicolon(sql: str, lexical_rules: LexicalRules) -> bool:
    return any(token.text == ";" for token in words(sql.rstrip("; \t\r\n"), lexical_rules))


def _may_end_in_comment(sql: str, lexical_rules: LexicalRules) -> bool:
    last = sql[sql.rfind("\n") + 1 :]
    return any(mark in last for mark in lexical_rules.line_comments)
