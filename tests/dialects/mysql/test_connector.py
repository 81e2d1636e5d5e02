"""Arguments of the drivers, settings of a session, errors in words: without a server."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pymysql
import pytest
from sqlalchemy.engine import make_url

from dbwarden.core.connector import Settings
from dbwarden.core.url import Url
from dbwarden.dialects.mysql import connector
from dbwarden.dialects.mysql.drivers import DRIVERS, FOUND_ROWS, MULTI_STATEMENTS, error
from dbwarden.dialects.mysql.failures import classify
from dbwarden.errors import ConnectionFailed, Failure


def arguments(text: str, settings: Settings | None = None) -> dict[str, Any]:
    return dict(connector.CONNECTOR.open(Url.parse(text), settings or Settings()).kwargs)


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_connection_is_set_up_alike(driver: str) -> None:
    keywords = arguments(f"mysql+{driver}://u:p%40w@h:3307/shop?charset=latin1")
    assert keywords["autocommit"] is True
    assert (keywords["user"], keywords["password"], keywords["host"], keywords["port"]) == ("u", "p@w", "h", 3307)
    assert keywords["database"] == "shop"
    assert keywords.get("charset", "utf8mb4") == "utf8mb4"
    assert not keywords.get("local_infile", False)
    assert not keywords.get("allow_local_infile", False)
    flags = keywords.get("client_flags", keywords.get("client_flag"))
    assert FOUND_ROWS in flags if isinstance(flags, list) else flags & FOUND_ROWS


def test_one_message_is_one_statement() -> None:
    assert -MULTI_STATEMENTS in arguments("mysql+mysqlconnector://h/d")["client_flags"]
    assert arguments("mysql+mysqldb://h/d")["multi_statements"] is False
    assert not arguments(f"mysql+pymysql://h/d?client_flag={MULTI_STATEMENTS}")["client_flag"] & MULTI_STATEMENTS


def test_pymysql_gets_what_sqlalchemy_gives_it() -> None:
    text = "mysql+pymysql://u:p@h:3307/shop?ssl_check_hostname=false&read_timeout=7&init_command=SET+@a%3D1"
    kind = make_url(text).get_dialect()
    _, theirs = kind(dbapi=kind.import_dbapi()).create_connect_args(make_url(text))
    ours = arguments(text)
    assert {key: value for key, value in ours.items() if key in theirs} == theirs


@pytest.mark.parametrize(
    ("query", "tls"),
    [
        ("", None),
        ("ssl=true", {"ca": None}),
        ("ssl=false", None),
        ("ssl_mode=required", {"ca": None}),
        ("ssl_mode=verify_ca", {"check_hostname": False, "verify_mode": True}),
        ("ssl_mode=VERIFY_IDENTITY", {"check_hostname": True, "verify_mode": True}),
        ("ssl_verify_cert=true&ssl_verify_identity=true", {"check_hostname": True, "verify_mode": True}),
        ("ssl_verify_cert=false", {"verify_mode": False}),
        ("ssl_cipher=X&ssl_check_hostname=false", {"cipher": "X", "check_hostname": False}),
    ],
)
def test_tls(query: str, tls: dict[str, object] | None) -> None:
    assert arguments(f"mysql+pymysql://h/d?{query}").get("ssl") == tls


def test_tls_can_be_switched_off() -> None:
    assert arguments("mysql+pymysql://h/d?ssl_mode=DISABLED")["ssl_disabled"] is True
    assert arguments("mysql+mysqlconnector://h/d?ssl_mode=DISABLED")["ssl_disabled"] is True
    assert arguments("mysql+mysqldb://h/d?ssl_mode=disabled")["ssl_mode"] == "DISABLED"


def test_pymysql_reads_no_certificates_to_verify_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = []
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda self, *_: certificates.append(self))
    connect = connector.CONNECTOR.connect_function(pymysql)
    preferred = connect(defer_connect=True)
    for query in ("ssl=true", "ssl_mode=required", "ssl_verify_cert=false"):
        required = connect(defer_connect=True, **arguments(f"mysql+pymysql://u@h/d?{query}"))
        assert required.ctx is preferred.ctx
        assert (preferred._ssl_required, required._ssl_required) == (False, True)
    assert certificates == []
    theirs = pymysql.connect(defer_connect=True).ctx
    for name in ("options", "minimum_version", "maximum_version", "verify_mode", "check_hostname"):
        assert getattr(preferred.ctx, name) == getattr(theirs, name), name
    assert preferred.ctx.get_ciphers() == theirs.get_ciphers()


def test_pymysql_verifies_as_the_url_says() -> None:
    connect = connector.CONNECTOR.connect_function(pymysql)
    for query in ("ssl_mode=VERIFY_IDENTITY", "ssl_mode=verify_ca", "ssl_verify_cert=true"):
        verified = connect(defer_connect=True, **arguments(f"mysql+pymysql://u@h/d?{query}"))
        assert verified.ctx.verify_mode == ssl.CERT_REQUIRED
        assert verified.ctx.cert_store_stats() == ssl.create_default_context().cert_store_stats()
    assert not connect(defer_connect=True, **arguments("mysql+pymysql://u@h/d?ssl_disabled=true")).ssl


def test_a_file_of_the_url_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed) as refusal:
        arguments("mysql+pymysql://h/d?ssl_ca=/nowhere/ca.pem")
    assert refusal.value.reason == "the file /nowhere/ca.pem of the parameter ssl_ca does not exist"
    ca = tmp_path / "ca.pem"
    ca.touch()
    assert arguments(f"mysql+pymysql://h/d?ssl_ca={ca}")["ssl"] == {"ca": str(ca)}


def test_times_are_those_of_the_settings_unless_the_url_says_otherwise() -> None:
    settings = Settings(connect_timeout=2.6)
    assert arguments("mysql+pymysql://h/d", settings)["connect_timeout"] == 2.6
    assert arguments("mysql+mysqldb://h/d", settings)["connect_timeout"] == 3  # whole seconds
    assert arguments("mysql+mysqlconnector://h/d", settings)["connection_timeout"] == 3
    assert arguments("mysql+pymysql://h/d?connect_timeout=9", settings)["connect_timeout"] == 9
    assert arguments("mysql+mysqlconnector://h/d?connection_timeout=9", settings)["connection_timeout"] == 9


def test_a_password_beyond_latin_1_is_sent_as_utf_8() -> None:
    assert arguments("mysql+pymysql://u:%C3%A9@h/d")["password"] == "é"
    assert arguments("mysql+pymysql://u:%E2%82%AC@h/d")["password"] == "€".encode()


# -- the session ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "mariadb", "expected"),
    [
        (Settings(), True, []),
        (Settings(lock_timeout=5.0), True, ["SESSION lock_wait_timeout = 5", "SESSION innodb_lock_wait_timeout = 5"]),
        (Settings(lock_timeout=0.2), False, ["SESSION lock_wait_timeout = 1", "SESSION innodb_lock_wait_timeout = 1"]),
        (
            Settings(lock_timeout=0),
            False,
            ["SESSION lock_wait_timeout = 31536000", "SESSION innodb_lock_wait_timeout = 31536000"],
        ),
        (Settings(statement_timeout=1.5), True, ["SESSION max_statement_time = 1.5"]),
        (Settings(statement_timeout=1.5), False, ["SESSION max_execution_time = 1500"]),
    ],
)
def test_time_limits(settings: Settings, mariadb: bool, expected: list[str]) -> None:
    assert connector._limits(settings, mariadb) == expected


class GreetedSession:
    """A session as PyMySQL has it: the greeting's number, and what the server answers."""

    def __init__(self, greeted: int, *answer: object) -> None:
        self._greeted, self._answer = greeted, answer
        type(self).__module__ = "pymysql.connections"

    def thread_id(self) -> int:
        return self._greeted

    def cursor(self) -> GreetedSession:
        return self

    def execute(self, sql: str) -> None:
        assert "CONNECTION_ID()" in sql

    def fetchall(self) -> list[tuple[object, ...]]:
        return [self._answer]

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("greeted", "number", "shared"), [(7, 7, False), (7, 8, True), (7, 2**32 + 7, False)], ids=["own", "proxy", "long"]
)
def test_a_proxy_that_shares_sessions_is_known_by_their_number(greeted: int, number: int, shared: bool) -> None:
    session = GreetedSession(greeted, number, "9.7.4", "shop", None)
    prepared = connector._prepare(session, Settings(lock_timeout=5, read_only=True))
    assert prepared.shared is shared
    assert "transaction_read_only = ON" in prepared.settings
    assert prepared.local == "SET SESSION lock_wait_timeout = 5, SESSION innodb_lock_wait_timeout = 5"


@pytest.mark.parametrize(
    ("version", "role", "expected"),
    [
        ("9.7.4", "NONE", "SET ROLE DEFAULT"),
        ("10.11.18-MariaDB", None, "SET ROLE NONE"),
        ("11.8.2-MariaDB", "app", "SET ROLE app"),
    ],
)
def test_database_and_role_are_put_back(version: str, role: str | None, expected: str) -> None:
    restored = connector._prepare(GreetedSession(7, 7, version, "my`shop", role), Settings()).restore
    assert restored[:2] == ("USE `my``shop`", expected)
    assert connector._prepare(GreetedSession(7, 7, version, None, role), Settings()).restore[0] == expected


@pytest.mark.parametrize(
    ("sql", "changes"),
    [
        ("SET foreign_key_checks = 0", True),
        ("SET NAMES utf8mb4", True),
        ("SET @a = 1", True),
        ("set session sql_mode = 'ANSI'", True),
        ("/*!40101 SET NAMES utf8 */", True),
        ("/* about */ USE other", True),
        ("SELECT max(id) INTO @last FROM a", True),
        ("SELECT @x := 1", True),
        ("PREPARE s FROM 'SELECT 1'", True),
        ("SET GLOBAL max_connections = 10", False),
        ("SET PERSIST max_connections = 10", False),
        ("SET PASSWORD = 'x'", False),
        ("UPDATE a SET b = 1", False),
        ("INSERT INTO a VALUES ('SET x')", False),
    ],
)
def test_what_changes_the_session(sql: str, changes: bool) -> None:
    assert connector.CONNECTOR.changes_session(sql) is changes


# -- errors -----------------------------------------------------------------------------------------------------------


class MySQLdbError(Exception):
    """Like PyMySQL's and mysqlclient's: number and text are the arguments."""


class ConnectorError(Exception):
    """Like MySQL's and MariaDB's own connectors: attributes."""

    def __init__(self, errno: int, msg: str) -> None:
        super().__init__(f"{errno} (42S02): {msg}")
        self.errno, self.msg = errno, msg


@pytest.mark.parametrize(
    ("exc", "code", "words"),
    [
        (MySQLdbError(1146, "Table 'a' doesn't exist"), "1146", "Table 'a' doesn't exist"),
        (ConnectorError(1146, "Table 'a' doesn't exist"), "1146", "Table 'a' doesn't exist"),
        (MySQLdbError(0, ""), None, "the connection is closed"),
        (FileNotFoundError(2, "No such file or directory"), None, "[Errno 2] No such file or directory"),
        (RuntimeError("'cryptography' package is required"), None, "'cryptography' package is required"),
        (
            TypeError("Connection.__init__() got an unexpected keyword argument 'foo'"),
            None,
            "the driver does not know the parameter 'foo' of the URL",
        ),
        (AttributeError("Unsupported argument 'foo'"), None, "the driver does not know the parameter 'foo' of the URL"),
        (ValueError(), None, "ValueError"),
    ],
)
def test_number_and_words_of_an_error(exc: Exception, code: str | None, words: str) -> None:
    assert error(exc) == (code, words)


@pytest.mark.parametrize(
    ("code", "message", "failure"),
    [
        ("1205", "", Failure.BUSY),
        ("1213", "", Failure.BUSY),
        ("1045", "", Failure.AUTHENTICATION),
        ("1142", "", Failure.PERMISSION),
        ("1049", "", Failure.UNKNOWN_DATABASE),
        ("2013", "", Failure.CONNECTION_LOST),
        ("1317", "", Failure.CANCELLED),
        ("1969", "", Failure.CANCELLED),
        ("3024", "", Failure.CANCELLED),
        ("3024", "The Read Operation timed out. As a consequence", Failure.CONNECTION_LOST),
        ("1792", "", Failure.READ_ONLY),
        ("1290", "The MariaDB server is running with the --read-only option", Failure.READ_ONLY),
        ("1290", "The MySQL server is running with the --super-read-only option", Failure.READ_ONLY),
        ("1290", "The MySQL server is running with the --secure-file-priv option", Failure.OTHER),
        ("1030", 'Got error 28 "No space left on device" from storage engine InnoDB', Failure.DISK_FULL),
        ("1146", "", Failure.MISSING_TABLE),
        ("1054", "", Failure.MISSING_COLUMN),
        ("1091", "", Failure.MISSING_OBJECT),
        ("1061", "", Failure.ALREADY_EXISTS),
        ("1062", "", Failure.DUPLICATE_KEY),
        ("1064", "", Failure.OTHER),
        (None, "the connection is closed", Failure.CONNECTION_LOST),
        (None, "MySQL Connection not available", Failure.CONNECTION_LOST),
        (None, "anything", Failure.OTHER),
    ],
)
def test_classification(code: str | None, message: str, failure: Failure) -> None:
    assert classify(code, message) is failure
