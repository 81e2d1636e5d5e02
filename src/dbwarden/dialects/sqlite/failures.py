"""Classification of SQLite's errors by the name of the result code (https://www.sqlite.org/rescode.html), SQLITE_ERROR by
its message."""

from __future__ import annotations

from dbwarden.errors import Failure

_MOVED = "SQLITE_READONLY_DBMOVED"

_FAILURES = {
    "SQLITE_BUSY": Failure.BUSY,
    "SQLITE_BUSY_SNAPSHOT": Failure.BUSY,
    "SQLITE_LOCKED": Failure.BUSY,
    "SQLITE_INTERRUPT": Failure.CANCELLED,
    "SQLITE_READONLY": Failure.READ_ONLY,
    "SQLITE_READONLY_ROLLBACK": Failure.READ_ONLY,
    "SQLITE_READONLY_DIRECTORY": Failure.READ_ONLY,
    _MOVED: Failure.READ_ONLY,
    "SQLITE_FULL": Failure.DISK_FULL,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Failure.DUPLICATE_KEY,
    "SQLITE_CONSTRAINT_UNIQUE": Failure.DUPLICATE_KEY,
    "SQLITE_CONSTRAINT_NOTNULL": Failure.UNMET_DEMAND,
    "SQLITE_CONSTRAINT_CHECK": Failure.UNMET_DEMAND,
    "SQLITE_CONSTRAINT_FOREIGNKEY": Failure.UNMET_DEMAND,
    "SQLITE_CONSTRAINT_DATATYPE": Failure.UNMET_DEMAND,
}
_WORDS = {
    "no such table": Failure.MISSING_TABLE,
    "no such column": Failure.MISSING_COLUMN,
    "has no column named": Failure.MISSING_COLUMN,
    "no such index": Failure.MISSING_OBJECT,
    "no such view": Failure.MISSING_OBJECT,
    "no such trigger": Failure.MISSING_OBJECT,
    "no such function": Failure.MISSING_OBJECT,
    "already exists": Failure.ALREADY_EXISTS,
    "duplicate column name": Failure.ALREADY_EXISTS,
    "within a transaction": Failure.TRANSACTION_REFUSED,
    "inside a transaction": Failure.TRANSACTION_REFUSED,
    "inside transaction": Failure.TRANSACTION_REFUSED,
}

EXPLANATIONS = {_MOVED: "the database file was moved, replaced or deleted while it was open"}


def classify(code: str | None, message: str) -> Failure:
    """Classify an error by its result code, SQLITE_ERROR by its message (``Connector.classify``)."""
    if code not in (None, "SQLITE_ERROR"):
        return _FAILURES.get(code, Failure.OTHER)
    return next((failure for words, failure in _WORDS.items() if words in message), Failure.OTHER)
