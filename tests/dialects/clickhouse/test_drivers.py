"""What both drivers make of URLs, statements and errors, without a server."""

from __future__ import annotations

from base64 import b64decode

import pytest

from dbwarden.core.connector import Settings
from dbwarden.core.url import Url
from dbwarden.dialects.clickhouse import endpoint, failures, http_driver
from dbwarden.dialects.clickhouse.connector import CONNECTOR
from dbwarden.errors import ConnectionFailed, Failure
from dbwarden.runtime.drivers import resolve_url
from tests.servers.fixtures import need_driver


def of(text: str) -> endpoint.Endpoint:
    return endpoint.endpoint(Url.parse(text))


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "tls"),
    [
        ("clickhouse://h/db", "h", 8123, "/", False),
        ("clickhousedb://h:443/db", "h", 443, "/", True),
        ("clickhousedb://h/db?secure=true", "h", 8443, "/", True),
        ("clickhousedb://h:8443/db?interface=http", "h", 8443, "/", False),
        ("clickhouse+http://h/db?protocol=https", "h", 8443, "/", True),
        ("clickhouse+http://h/db?endpoint=query", "h", 8123, "/query", False),
        ("clickhousedb://h/db?proxy_path=/ch/", "h", 8123, "/ch", False),
        ("clickhouse:///db", "localhost", 8123, "/", False),
    ],
)
def test_the_endpoint_of_a_url(url: str, host: str, port: int, path: str, tls: bool) -> None:
    place = of(url)
    assert (place.host, place.port, place.path, place.tls is not None) == (host, port, path, tls)


def test_parameters_that_no_driver_has_are_settings_of_the_server() -> None:
    place = of("clickhousedb://h/db?max_threads=2&ch_flatten_nested=0&compress=true&connect_timeout=3&verify=false")
    assert place.settings == {"max_threads": "2", "flatten_nested": "0"}


def test_the_password_is_in_a_header_alone() -> None:
    place = of("clickhouse://app:p%40ss@h/db")
    assert b64decode(place.headers["Authorization"].partition(" ")[2]) == b"app:p@ss"
    assert "p@ss" not in repr(place)
    assert of("clickhouse://h/db").headers == {}
    assert of("clickhouse://h/db?access_token=t").headers == {"Authorization": "Bearer t"}


def test_a_certificate_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConnectionFailed, match=r"/missing\.pem"):
        of("clickhousedb://h/db?secure=true&ca_cert=/missing.pem")


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "Code: 60. DB::Exception: Table d.t does not exist. (UNKNOWN_TABLE) (version 24.3.1.1 (official build))",
            "60",
            "Table d.t does not exist. (UNKNOWN_TABLE)",
        ),
        (
            "Code: 60, e.displayText() = DB::Exception: Table d.t doesn't exist., e.what() = DB::Exception",
            "60",
            "Table d.t doesn't exist",
        ),
        (
            "Code: 36. DB::Exception: Code: 16. DB::Exception: No column. (NO) (version 26.9.2.1). (NO)",
            "16",
            "No column. (NO)",
        ),
        ("Wrong password for user u. Stack trace:\n\n0. /usr/lib/x", "193", "Wrong password for user u"),
        ("", "1002", "the server answered with HTTP status 500"),
    ],
)
def test_an_error_is_told_in_the_words_of_the_server(text: str, code: str, message: str) -> None:
    error = http_driver.server_error(text, code, 500)
    assert (error.code, str(error)) == (code, message)


def test_a_queue_entry_goes_on_and_a_query_does_not() -> None:
    waiting = "Watching task /ddl/query-1 is executing longer than distributed_ddl_task_timeout (=3) seconds."
    ended = "Timeout exceeded: elapsed 1.1 seconds, maximum: 1"
    assert failures.is_running_on("159", waiting)
    assert not failures.is_running_on("159", ended)
    assert not failures.is_running_on("160", waiting)
    assert (failures.classify("159", waiting), failures.classify("159", ended)) == (Failure.OTHER, Failure.CANCELLED)
    assert failures.classify("999", "Transaction failed (Node exists)") is Failure.DUPLICATE_KEY
    assert failures.classify("999", "Session expired") is Failure.OTHER


def test_limits_go_with_each_statement() -> None:
    settings = Settings(connect_timeout=2, lock_timeout=1.5, statement_timeout=0.2, read_only=True)
    arguments = CONNECTOR.open(resolve_url("clickhouse://h/db"), settings).kwargs
    assert arguments["settings"] == {"lock_acquire_timeout": "2", "max_execution_time": "1", "readonly": "2"}
    assert arguments["connect_timeout"] == 2


def test_a_url_of_the_native_protocol() -> None:
    need_driver("clickhouse_driver")
    arguments = CONNECTOR.open(
        Url.parse("clickhouse+native://u:p%40@h:9440/db?secure=true&verify=false&max_threads=2"), Settings()
    ).kwargs["arguments"]
    assert arguments == {
        "host": "h", "port": 9440, "database": "db", "user": "u", "password": "p@", "secure": True, "verify": False,
        "client_name": "dbwarden", "settings": {"max_threads": "2"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "sent"),
    [
        (
            "INSERT INTO t (a, b) VALUES (1, 'x'), (2, concat(')', 'y')) ;",
            "INSERT INTO t (a, b) SELECT 1, 'x' UNION ALL SELECT 2, concat(')', 'y')",
        ),
        ("  insert into d.`t (`values (1)", "insert into d.`t (`SELECT 1"),
        ("INSERT INTO t SELECT 1", "INSERT INTO t SELECT 1"),
        ("SELECT 'INSERT INTO t VALUES (1)'", "SELECT 'INSERT INTO t VALUES (1)'"),
    ],
)
def test_rows_are_a_query_in_the_native_protocol(sql: str, sent: str) -> None:
    need_driver("clickhouse_driver")
    from dbwarden.dialects.clickhouse import native_driver

    assert native_driver.rows_as_query(sql) == sent


def test_a_run_waits_for_the_shards_of_a_distributed_table() -> None:
    arguments = CONNECTOR.open(resolve_url("clickhouse://h/db"), Settings(background=True)).kwargs
    assert arguments["settings"]["insert_distributed_sync"] == "1"
