"""Classification of ClickHouse's errors by their number (``ErrorCodes.cpp``; ``system.errors`` has their names)."""

from __future__ import annotations

from dbwarden.errors import Failure

_CODES = {
    # QUERY_WAS_CANCELLED, ..._BY_CLIENT
    Failure.CANCELLED: "394 734",
    # TOO_MANY_SIMULTANEOUS_QUERIES, SESSION_IS_LOCKED, DEADLOCK_AVOIDED (a limit for the locks of tables)
    Failure.BUSY: "202 373 473",
    # READONLY, TABLE_IS_READ_ONLY
    Failure.READ_ONLY: "164 242",
    # DATABASE_ACCESS_DENIED, ACCESS_DENIED
    Failure.PERMISSION: "291 497",
    # UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, IP_ADDRESS_NOT_ALLOWED, AUTHENTICATION_FAILED
    Failure.AUTHENTICATION: "192 193 194 195 516",
    Failure.UNKNOWN_DATABASE: "81",
    # NOT_ENOUGH_SPACE
    Failure.DISK_FULL: "243",
    Failure.MISSING_TABLE: "60",
    # NOT_FOUND_COLUMN_IN_BLOCK, NO_SUCH_COLUMN_IN_TABLE, UNKNOWN_IDENTIFIER
    Failure.MISSING_COLUMN: "10 16 47",
    # UNKNOWN_FUNCTION, UNKNOWN_DICTIONARY, UNKNOWN_ROLE, ACCESS_ENTITY_NOT_FOUND, NAMED_COLLECTION_DOESNT_EXIST
    Failure.MISSING_OBJECT: "46 487 511 492 669",
    # DUPLICATE_COLUMN, TABLE_, DATABASE_ALREADY_EXISTS, DICTIONARY_, ACCESS_ENTITY_, FUNCTION_, NAMED_COLLECTION_
    Failure.ALREADY_EXISTS: "15 57 82 488 493 609 670",
}
_FAILURES = {code: failure for failure, codes in _CODES.items() for code in codes.split()}
_WORDS = {
    "Timeout exceeded": Failure.CANCELLED,  # 159 of a limit of the execution time, as opposed to a DDL task's
    "Node exists": Failure.DUPLICATE_KEY,  # 999 of a KeeperMap table in strict mode
    "No space left": Failure.DISK_FULL,
    "Cannot execute query in readonly mode": Failure.READ_ONLY,
    "did not answer": Failure.CONNECTION_LOST,
    "server closed the connection": Failure.CONNECTION_LOST,
    "connection is closed": Failure.CONNECTION_LOST,
    "Connection reset": Failure.CONNECTION_LOST,
    "Connection refused": Failure.CONNECTION_LOST,
    "Broken pipe": Failure.CONNECTION_LOST,
}
"""Words that decide where one number stands for several reasons, and for errors without a number."""


def classify(code: str | None, message: str) -> Failure:
    """Classify an error by its number, else by words of its message (``Connector.classify``)."""
    if code in _FAILURES:
        return _FAILURES[code]
    return next((failure for words, failure in _WORDS.items() if words in message), Failure.OTHER)


def is_running_on(code: str | None, message: str) -> bool:
    """Whether the server goes on with a statement whose wait it gave up: code 159 of an entry in the DDL queue."""
    return code == "159" and "Timeout exceeded" not in message
