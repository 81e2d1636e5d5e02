"""Classification of PostgreSQL's errors by SQLSTATE (manual, appendix A, "PostgreSQL Error Codes")."""

from __future__ import annotations

from dbwarden.errors import Failure

_CODES = {
    Failure.CONNECTION_LOST: "57P01 57P02 57P03 08000 08003 08006",
    Failure.CANCELLED: "57014",
    Failure.BUSY: "55P03 40P01",  # lock_not_available, deadlock_detected
    Failure.READ_ONLY: "25006",
    Failure.PERMISSION: "42501",
    Failure.AUTHENTICATION: "28000 28P01",
    Failure.UNKNOWN_DATABASE: "3D000",
    Failure.DISK_FULL: "53100",
    Failure.MISSING_TABLE: "42P01 3F000",  # undefined_table, invalid_schema_name
    Failure.MISSING_COLUMN: "42703",
    Failure.MISSING_OBJECT: "42704 42883",
    Failure.ALREADY_EXISTS: "42P04 42P06 42P07 42701 42710 42723",
    Failure.DUPLICATE_KEY: "23505",
    # not_null_violation, foreign_key_violation, check_violation, exclusion_violation; values that a type does not take
    Failure.UNMET_DEMAND: "23502 23503 23514 23P01 22001 22003 22007 22008 22009 22P02 22P03 2200N",
    # active_sql_transaction ("cannot run inside a transaction block"), invalid_transaction_termination (a COMMIT in a CALL)
    Failure.TRANSACTION_REFUSED: "25001 2D000",
}
_FAILURES = {code: failure for failure, codes in _CODES.items() for code in codes.split()}


_WORDS = {
    "authentication failed": Failure.AUTHENTICATION,
    "no password supplied": Failure.AUTHENTICATION,
    '" does not exist': Failure.UNKNOWN_DATABASE,
}
"""Classification of refused connections, whose errors libpq returns without SQLSTATE, by words of the message."""


def classify(code: str | None, message: str) -> Failure:
    """Classify an error by its SQLSTATE, or by its message if there is none (``Connector.classify``)."""
    if code is not None:
        return _FAILURES.get(code, Failure.OTHER)
    return next((failure for words, failure in _WORDS.items() if words in message), Failure.OTHER)
