"""Classification of the errors of MySQL and MariaDB by their number (MySQL's and MariaDB's error references)."""

from __future__ import annotations

from dbwarden.errors import Failure

_CODES = {
    Failure.CONNECTION_LOST: "1053 1152 1158 1159 1160 1161 1184 1927 2002 2003 2005 2006 2013 2026 2055 3169 4031",
    # Interrupted by KILL QUERY, or by the limit of its execution time (MySQL 3024, MariaDB 1969).
    Failure.CANCELLED: "1317 1969 3024",
    # Lock wait timeout, deadlock (between transactions, of named locks, with another node of a cluster), NOWAIT; a COMMIT
    # that another node of a group was faster than (MySQL 3101, by documentation).
    Failure.BUSY: "1205 1213 1614 3058 3101 3572",
    Failure.READ_ONLY: "1036 1792 1836",
    Failure.PERMISSION: "1044 1095 1142 1143 1227 1370 1410 1419",
    Failure.AUTHENTICATION: "1045 1129 1130 1131 1251 1524 1698 1820 1862 2049 2059 2061 3118 3159 4151",
    Failure.UNKNOWN_DATABASE: "1049",
    Failure.DISK_FULL: "1021 1114",
    Failure.MISSING_TABLE: "1051 1146 1932",
    Failure.MISSING_COLUMN: "1054 1072",
    Failure.MISSING_OBJECT: "1091 1128 1176 1305 1360 1449 1507 1539 3821 3940 4091",
    Failure.ALREADY_EXISTS: "1007 1050 1060 1061 1068 1304 1359 1517 1537 1826 3822",
    Failure.DUPLICATE_KEY: "1022 1062 1557 1586 1859",
    # NULL, a value that a type does not take or cuts off, a missing parent row, a check (MySQL 3819, MariaDB 4025)
    Failure.UNMET_DEMAND: "1048 1138 1216 1264 1265 1292 1366 1406 1452 1916 3140 3819 4025",
    Failure.NEEDS_REBUILD: "4092",
    # Locked tables or an active transaction; characteristics of a transaction, the binary log and GTIDs within one.
    Failure.TRANSACTION_REFUSED: "1192 1399 1568 1694 1766",
}
_FAILURES = {code: failure for failure, codes in _CODES.items() for code in codes.split()}
_WORDS = {
    "read-only": Failure.READ_ONLY,
    "read only": Failure.READ_ONLY,
    "No space left": Failure.DISK_FULL,
    "Connection not available": Failure.CONNECTION_LOST,  # mysql-connector
    "not connected": Failure.CONNECTION_LOST,  # mariadb
    "connection is closed": Failure.CONNECTION_LOST,
}
"""Words that decide where one number stands for several reasons (1290: the option that prevents the statement), and where
a driver gives no number."""


_LOCAL_TIMEOUT = "Operation timed out"
"""Time-outs of mysql-connector's own, which have the number of the server's limit (3024)."""


def classify(code: str | None, message: str) -> Failure:
    """Classify an error by its number, else by words of its message (``Connector.classify``)."""
    if _LOCAL_TIMEOUT in message:
        return Failure.CONNECTION_LOST
    if code in _FAILURES:
        return _FAILURES[code]
    return next((failure for words, failure in _WORDS.items() if words in message), Failure.OTHER)
