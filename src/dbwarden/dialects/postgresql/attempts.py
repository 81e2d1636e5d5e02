"""Statements of which the server may refuse some."""

from __future__ import annotations

from collections.abc import Iterable

from dbwarden.dialects.base.names import literal

# A statement that the server does not accept stays as it is: the migration will report it. A missing privilege or a
# read-only server is an error.
_TRY = """    BEGIN
        EXECUTE {statement};
    EXCEPTION
        WHEN insufficient_privilege THEN RAISE;
        WHEN syntax_error_or_access_rule_violation OR data_exception OR feature_not_supported
            OR integrity_constraint_violation OR invalid_schema_name OR dependent_objects_still_exist THEN NULL;
    END;"""


def attempts(statements: Iterable[str]) -> str:
    """A DO block that runs statements one by one, without those that the server refuses."""
    lines = [_TRY.format(statement=literal(text)) for text in statements]
    tag = "$dbwarden$"
    return f"DO {tag}\nBEGIN\n" + "\n".join(lines) + f"\nEND\n{tag}"
