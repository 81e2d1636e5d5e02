"""Sessions of MySQL and MariaDB: what a connection sets, what cancels it, what ends it, what is said then."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymysql.constants import CLIENT

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Holder, Liveness
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.store import LockStore
from dbwarden.dialects.mysql.lock import NamedLock, name_of
from dbwarden.errors import (
    ConnectionFailed,
    ConnectionLost,
    DatabaseBusy,
    DatabaseError,
    DatabaseReadOnly,
    Failure,
    LockHeld,
    MigrationFailed,
    PermissionDenied,
    ServerMismatch,
    StatementCancelled,
)
from dbwarden.runtime import runner
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.execute import ExecutionOptions, upgrade
from dbwarden.runtime.layout import ensure_tables
from dbwarden.runtime.lock import LockRequest, acquire
from dbwarden.runtime.stores import lock_store
from tests.servers.fixtures import need_driver

from .conftest import FAMILY, PARAMETERS, Place


@contextmanager
def account(place: Place, *grants: str) -> Iterator[str]:
    """The URL of ``place`` for an account of its own, with these privileges on its database."""
    name = f"test_{place.url.rpartition('/')[2][-10:]}"
    with place.connect() as root:
        root.execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'x'")
        for privileges in grants:
            root.execute(f"GRANT {privileges} ON {place.url.rpartition('/')[2]}.* TO '{name}'@'%'")
        login = place.url.partition("://")[2].partition("@")[0]
        yield place.url.replace(f"{login}@", f"{name}:x@")
        root.execute(f"DROP USER '{name}'@'%'")


# -- statements -------------------------------------------------------------------------------------------------------


def test_rows_count_that_a_statement_matched(my: Place) -> None:
    conn = my.connect()
    conn.execute("CREATE TABLE t (id INTEGER)")
    conn.execute("INSERT INTO t VALUES (1), (2)")
    assert conn.execute("UPDATE t SET id = id") == 2
    assert conn.execute("UPDATE t SET id = :id WHERE id > 0", {"id": 7}) == 2


def test_one_message_is_one_statement(my: Place) -> None:
    conn = my.connect()
    with pytest.raises(DatabaseError, match="syntax"):
        conn.execute("SELECT 1; SELECT 2")
    assert conn.query("SELECT 3") == [(3,)]


def test_every_result_of_a_procedure_is_read(my: Place) -> None:
    conn = my.connect()
    conn.execute("CREATE PROCEDURE p () BEGIN SELECT 1; SELECT 2; END")
    assert conn.query("CALL p()") == [(1,)]
    conn.execute("CALL p()")
    conn.execute("CREATE PROCEDURE q () BEGIN SELECT 1; SELECT * FROM nowhere; END")
    for run in (conn.query, conn.execute):
        with pytest.raises(DatabaseError, match="nowhere"):
            run("CALL q()")
    assert conn.query("SELECT 3") == [(3,)]


def test_text_is_sent_as_it_is(my: Place) -> None:
    conn, words = my.connect(), "100% %s é 漢字 \U0001f600 'x' \"y\" \\ `z`"
    assert conn.query("SELECT :words", {"words": words}) == [(words,)]
    assert conn.query("SELECT 'a%sb%%', \"it's\", 'c\\nd' # and :no\n") == [("a%sb%%", "it's", "c\nd")]


def test_a_value_has_no_escapes_where_the_session_has_none(my: Place) -> None:
    conn, words = my.connect(), "a\\b'c"
    conn.execute("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
    assert conn.query("SELECT :words", {"words": words}) == [(words,)]


def test_files_of_this_machine_are_not_read(my: Place) -> None:
    conn = my.connect()
    conn.execute("CREATE TABLE t (line TEXT)")
    with pytest.raises(DatabaseError):
        conn.execute(f"LOAD DATA LOCAL INFILE '{__file__}' INTO TABLE t")


# -- settings ---------------------------------------------------------------------------------------------------------


def test_settings_of_the_session(my: Place) -> None:
    conn = my.connect(lock_timeout=7, statement_timeout=2.5, read_only=True)
    names = ("lock_wait_timeout", "innodb_lock_wait_timeout", "character_set_client", "autocommit")
    values = dict(conn.query("SHOW SESSION VARIABLES"))
    assert [values[name] for name in names] == ["7", "7", "utf8mb4", "ON"]
    assert float(values.get("max_statement_time", 0)) == 2.5 or values["max_execution_time"] == "2500"
    assert "ON" in (values.get("tx_read_only"), values.get("transaction_read_only"))
    assert not conn.pooled


def test_the_collation_is_the_servers(my: Place) -> None:
    conn = my.connect()
    before = conn.query("SELECT @@collation_connection")
    conn.execute("SET NAMES utf8mb4")
    assert conn.query("SELECT @@collation_connection") == before


def test_a_read_only_session_creates_and_changes_nothing(my: Place) -> None:
    my.connect().execute("CREATE TABLE t (id INTEGER)")
    conn = my.connect(read_only=True)
    for sql in ("INSERT INTO t VALUES (1)", "CREATE TABLE u (id INTEGER)", "ALTER TABLE t ADD n INTEGER", "TRUNCATE t"):
        with pytest.raises(DatabaseReadOnly):
            conn.execute(sql)
        with pytest.raises(DatabaseReadOnly), conn.transaction():
            conn.execute(sql)
    assert my.tables() == {"t"}


def test_what_a_migration_set_is_undone(my: Place) -> None:
    conn = my.connect(lock_timeout=7)
    before = dict(conn.query("SHOW SESSION VARIABLES"))
    for sql in (
        "SET sql_mode = 'ANSI'",
        "SET foreign_key_checks = 0, unique_checks = 0",
        "SET time_zone = '+05:00'",
        "SET NAMES latin1",
        "SET lock_wait_timeout = 1",
        "SET group_concat_max_len = 9999, sql_safe_updates = 1",
        "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "USE information_schema",
    ):
        conn.execute(sql)
    conn.restore()
    assert conn.query("SELECT DATABASE()") == [(my.url.rpartition("/")[2],)]
    after = dict(conn.query("SHOW SESSION VARIABLES"))
    differs = {name for name, value in before.items() if after.get(name) != value}
    assert differs <= {"timestamp", "pseudo_thread_id", "statement_id", "rand_seed1", "rand_seed2"}
    with conn.transaction():
        conn.execute("SET sql_mode = ''")
        conn.restore()
        assert conn.query("SELECT @@sql_mode") == [(before["sql_mode"],)]


def test_an_account_without_privileges_may_do_all_of_that(my: Place) -> None:
    with account(my, "SELECT") as url, connect(url, lock_timeout=3, statement_timeout=4) as conn:
        conn.restore()
        with conn.without_lock_timeout():
            assert conn.query("SELECT @@lock_wait_timeout") == [(31536000,)]
        assert conn.query("SELECT @@lock_wait_timeout") == [(3,)]


def test_the_server_is_told_who_it_is(my: Place) -> None:
    conn = my.connect(application_name="dbwarden test")
    sql = "SELECT attr_value FROM performance_schema.session_connect_attrs WHERE attr_name = 'program_name'"
    assert conn.query(f"{sql} AND processlist_id = CONNECTION_ID()") == [("dbwarden test",)]


# -- TLS --------------------------------------------------------------------------------------------------------------


def cipher(conn: DatabaseConnection) -> str:
    ((_, name),) = conn.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
    return str(name)


@pytest.fixture(params=["mysql", "mariadb"])
def pymysql_place(request: pytest.FixtureRequest) -> Iterator[Place]:
    need_driver("pymysql")
    url: str = request.getfixturevalue(f"{request.param}_url")
    place = Place(url.replace("://", "+pymysql://", 1), dialects.get(request.param))
    yield place
    for conn in place.opened:
        conn.close()


def test_tls_is_used_where_the_server_offers_it(pymysql_place: Place) -> None:
    preferred = pymysql_place.connect()
    offered = bool(preferred.raw.server_capabilities & CLIENT.SSL)
    assert bool(cipher(preferred)) is offered
    with connect(f"{pymysql_place.url}?ssl_disabled=true") as plain:
        assert cipher(plain) == ""
    if offered:
        with connect(f"{pymysql_place.url}?ssl=true") as required:
            assert cipher(required) == cipher(preferred)
    else:
        with pytest.raises(ConnectionFailed, match="SSL is required but the server doesn't support it"):
            connect(f"{pymysql_place.url}?ssl=true")


def test_an_account_may_require_tls(pymysql_place: Place) -> None:
    with account(pymysql_place, "SELECT") as url, pymysql_place.connect() as root:
        root.execute(f"ALTER USER '{url.partition('://')[2].partition(':')[0]}'@'%' REQUIRE SSL")
        if root.raw.server_capabilities & CLIENT.SSL:
            with connect(url) as encrypted:
                assert cipher(encrypted)
        for refused in (f"{url}?ssl_disabled=true", f"{url}?ssl_mode=verify_identity"):
            with pytest.raises(ConnectionFailed):
                connect(refused)


def test_the_certificate_is_verified_where_the_url_asks(mysql_url: str) -> None:
    url = mysql_url.replace("://", "+pymysql://", 1)
    with connect(url) as conn:
        ((folder, name),) = conn.query("SELECT @@datadir, @@ssl_ca")
    ca = Path(folder) / name
    if not ca.is_file():
        pytest.skip("the server's certificates are not on this machine")
    with connect(f"{url}?ssl_ca={ca}&ssl_check_hostname=false") as verified:
        assert cipher(verified)
    with pytest.raises(ConnectionFailed, match="certificate verify failed"):
        connect(f"{url}?ssl_mode=verify_ca")


ODD = r"""-- upgrade
# a comment; with 'quotes
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE t (a VARCHAR(40) DEFAULT "it's;", b VARCHAR(40)); -- ; at the end
INSERT INTO t VALUES ('a\'b;\\', "c\"d;"), ('5--1', '--;');
INSERT INTO t (b) SELECT 5--1;
DELIMITER //
CREATE PROCEDURE p (IN n INT)
BEGIN
    /* one; two */
    IF n > 0 THEN INSERT INTO t (b) VALUES (CONCAT('p;', n)); END IF;
END //
DELIMITER ;
CALL p(7);
DELIMITER ;;
/*!50003 CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 'r'; SET NEW.b = 'r'; END */;;
DELIMITER ;
INSERT INTO t VALUES ('x', 'y');
USE information_schema;
"""


def test_a_file_as_people_write_it(my: Place, run_of: Callable[..., ExecutionOptions]) -> None:
    conn, dialect, run = my.connect(), my.dialect, run_of(my)
    dialect = dialect.for_server(dialect.server_of(conn))
    run = replace(run, tables=OwnTables(quote="`"))
    upgrade(conn, dialect, my.file("0001_odd.sql", ODD), run)
    assert conn.query("SELECT a, b FROM t") == [
        ("a'b;\\", 'c"d;'), ("5--1", "--;"), ("it's;", "6"), ("it's;", "p;7"), ("r", "r"),
    ]  # fmt: skip
    assert my.events() == [("0001", "applied", 9, 9)]


# -- limits and ends --------------------------------------------------------------------------------------------------


def test_a_lock_that_is_not_granted_in_time(my: Place) -> None:
    first, second = my.connect(), my.connect(lock_timeout=1)
    first.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    first.execute("INSERT INTO t VALUES (1)")
    with first.transaction():
        first.execute("UPDATE t SET id = 2")
        for sql in ("UPDATE t SET id = 3", "ALTER TABLE t ADD n INTEGER"):  # of a row, of the definition
            with pytest.raises(DatabaseBusy) as error:
                second.execute(sql)
            assert error.value.sqlstate == "1205"
    second.execute("UPDATE t SET id = 3")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[float], None]]:
    """Functions called with the seconds, one for each pause between two attempts, instead of waiting."""
    steps: list[Callable[[float], None]] = []
    clock = SimpleNamespace(
        perf_counter=time.perf_counter, monotonic=time.monotonic, sleep=lambda seconds: steps.pop(0)(seconds)
    )
    monkeypatch.setattr(runner, "time", clock)
    return steps


ONE_DRIVER = [PARAMETERS[engine, "pymysql"] for engine in FAMILY]
ADDED = "-- upgrade\nALTER TABLE t ADD n INTEGER;\n\n-- rollback\nALTER TABLE t DROP n;\n"


@pytest.mark.parametrize("my", ONE_DRIVER, indirect=True)
def test_readers_pass_between_the_attempts_of_a_change_that_waits(
    my: Place, run_of: Callable[..., ExecutionOptions], pauses: list[Callable[[float], None]]
) -> None:
    reader, transaction, conn = my.connect(), my.connect(), my.connect(lock_timeout=1)
    transaction.execute("CREATE TABLE t (id INTEGER)")
    run = run_of(my)
    transaction.begin()
    transaction.query("SELECT * FROM t")
    threads: list[threading.Thread] = []

    def queue() -> None:
        _until_it_runs(my, "ALTER TABLE t")
        threads.append(_busy(reader, "SELECT * FROM t")[0])

    def check_reader(seconds: float) -> None:
        queued.join()
        threads[0].join(20)
        assert not threads[0].is_alive(), "the reader waits though the change has given up"
        assert runner.LOCK_PAUSE / 2 <= seconds <= runner.LOCK_PAUSE
        assert my.tables() == {"t"} and conn.query("SELECT COUNT(*) FROM t") == [(0,)]
        transaction.commit()

    pauses.append(check_reader)
    queued = threading.Thread(target=queue)
    queued.start()
    upgrade(conn, my.dialect, my.file("0001_wait.sql", ADDED), run)
    assert not pauses and my.events() == [("0001", "applied", 1, 1)]


@pytest.mark.parametrize("my", ONE_DRIVER, indirect=True)
def test_a_change_that_never_gets_its_lock_gives_up(
    my: Place,
    run_of: Callable[..., ExecutionOptions],
    pauses: list[Callable[[float], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "LOCK_TRIES", 2)
    transaction, conn = my.connect(), my.connect(lock_timeout=1)
    transaction.execute("CREATE TABLE t (id INTEGER)")
    run = run_of(my)
    transaction.begin()
    transaction.query("SELECT * FROM t")
    pauses.append(lambda _: None)
    with pytest.raises(MigrationFailed, match=r"0001_wait\.sql:2: statement 1 of 1 failed: Lock wait timeout") as error:
        upgrade(conn, my.dialect, my.file("0001_wait.sql", ADDED), run)
    assert not pauses, "it was tried twice"
    assert error.value.sqlstate == "1205" and "lock" in error.value.hint, error.value.hint
    transaction.commit()
    upgrade(my.connect(), my.dialect, my.file("0001_wait.sql", ADDED), run)
    assert my.events() == [("0001", "failed", 0, 1), ("0001", "applied", 1, 1)]


def test_a_deadlock_ends_one_of_the_two(my: Place) -> None:
    first, second = my.connect(lock_timeout=10), my.connect(lock_timeout=10)
    first.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
    first.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
    errors: list[DatabaseError] = []

    def cross() -> None:
        try:
            with second.transaction():
                second.execute("UPDATE t SET n = 2 WHERE id = 2")
                gate.wait()
                second.execute("UPDATE t SET n = 2 WHERE id = 1")
        except DatabaseError as error:
            errors.append(error)

    gate = threading.Barrier(2)
    other = threading.Thread(target=cross)
    other.start()
    try:
        with first.transaction():
            first.execute("UPDATE t SET n = 1 WHERE id = 1")
            gate.wait()
            first.execute("UPDATE t SET n = 1 WHERE id = 2")
    except DatabaseError as error:
        errors.append(error)
    other.join()
    assert [(error.failure, error.sqlstate) for error in errors] == [(Failure.BUSY, "1213")]
    for conn in (first, second):
        conn.execute("UPDATE t SET n = 3")


def _busy(conn: object, sql: str) -> tuple[threading.Thread, list[BaseException]]:
    """Run a statement in another thread; returns when it runs."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            conn.execute(sql)  # type: ignore[attr-defined]
        except DatabaseError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, errors


def _until_it_runs(place: Place, words: str) -> None:
    watch, deadline = place.connect(), time.monotonic() + 20
    query = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE :words AND id <> CONNECTION_ID()"
    while not watch.query(query, {"words": f"{words}%"})[0][0]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


ENDLESS = "INSERT INTO t SELECT SLEEP(60)"


def test_a_statement_is_cancelled_from_outside(my: Place) -> None:
    conn = my.connect()
    conn.execute("CREATE TABLE t (id INTEGER)")
    thread, errors = _busy(conn, ENDLESS)
    _until_it_runs(my, ENDLESS)
    conn.cancel()
    thread.join(10)
    assert not thread.is_alive()
    assert [type(error) for error in errors] in (
        [StatementCancelled],
        [],
    )  # SLEEP may return early in place of an error
    assert conn.query("SELECT 1") == [(1,)]
    conn.cancel()  # nothing runs
    assert conn.query("SELECT 1") == [(1,)]


def test_a_connection_can_be_severed(my: Place) -> None:
    conn = my.connect()
    conn.execute("CREATE TABLE t (id INTEGER)")
    thread, errors = _busy(conn, ENDLESS)
    _until_it_runs(my, ENDLESS)
    assert conn.sever() is True
    thread.join(10)
    assert not thread.is_alive()
    assert [type(error) for error in errors] == [ConnectionLost]
    with pytest.raises(ConnectionLost):
        conn.query("SELECT 1")
    conn.rollback()
    conn.close()


def test_a_killed_session_is_named(my: Place) -> None:
    conn, other = my.connect(), my.connect()
    other.execute(f"KILL {conn.query('SELECT CONNECTION_ID()')[0][0]}")
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            conn.execute("SELECT 1")
    conn.rollback()
    conn.close()


def test_a_query_that_takes_too_long(my: Place) -> None:
    conn = my.connect(statement_timeout=0.2)
    with pytest.raises(StatementCancelled):
        conn.query(
            "SELECT COUNT(*) FROM information_schema.collations a, information_schema.collations b,"
            " information_schema.collations c, information_schema.collations d"
        )
    assert conn.query("SELECT 1") == [(1,)]


def test_a_server_that_accepts_and_says_nothing(my: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = my.url.partition("@")[2].partition("/")[0] or my.url.partition("://")[2].partition("/")[0]
        url = my.url.replace(address, f"127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(ConnectionFailed) as error:
            connect(url, connect_timeout=1)
    assert error.value.failure is Failure.CONNECTION_LOST


# -- which of the two -------------------------------------------------------------------------------------------------


def test_the_server_says_which_of_the_two_it_is(my: Place) -> None:
    conn, name = my.connect(), my.dialect.name
    server = my.dialect.server_of(conn)
    assert server.flavour == name
    assert dialects.get("mysql").for_server(server).name == name
    if name == "mariadb":
        assert dialects.get("mariadb").for_server(server).name == name
        return
    with pytest.raises(ServerMismatch, match=r"The server is MySQL [\d.]+, but database_type is mariadb") as error:
        dialects.get("mariadb").for_server(server)
    assert 'database_type="mysql"' in (error.value.hint or "")


# -- refusals ---------------------------------------------------------------------------------------------------------


def test_refused_connections_say_why_without_the_password(my: Place) -> None:
    login = my.url.partition("://")[2].partition("@")[0]
    user, database = login.partition(":")[0], my.url.rpartition("/")[2]
    address = my.url.partition("@")[2].partition("/")[0]
    cases = [
        (my.url.replace(login, f"{user}:Wr0ngSecret"), Failure.AUTHENTICATION, "Access denied"),
        (my.url.replace(database, "nowhere_at_all"), Failure.UNKNOWN_DATABASE, "nowhere_at_all"),
        (my.url.replace(address, "127.0.0.1:1"), Failure.CONNECTION_LOST, "refused"),
        (my.url.replace(address, "host.invalid"), Failure.CONNECTION_LOST, "host.invalid"),
        (f"{my.url}?nonsense=1", Failure.OTHER, "the driver does not know the parameter 'nonsense' of the URL"),
    ]
    for url, failure, words in cases:
        with pytest.raises(ConnectionFailed, match=words) as error:
            connect(url)
        assert error.value.failure is failure
        assert "Wr0ngSecret" not in f"{error.value.message} {vars(error.value)} {error.value!r}"


@pytest.mark.parametrize(
    ("sql", "grant"),
    [
        ("SELECT * FROM a", "GRANT SELECT ON {database}.a TO "),
        ("CREATE TABLE b (id INTEGER)", "GRANT CREATE ON {database}.* TO "),
        ("ALTER TABLE a ADD n INTEGER", "GRANT ALTER ON {database}.* TO "),
        ("RENAME TABLE a TO b", "GRANT DROP, ALTER ON {database}.* TO "),
        ("CREATE INDEX i ON a (id)", "GRANT INDEX ON {database}.* TO "),
        ("CREATE VIEW v AS SELECT 1", "GRANT CREATE VIEW ON {database}.* TO "),
        ("CREATE PROCEDURE p () SELECT 1", "GRANT CREATE ROUTINE ON {database}.* TO "),
        ("CALL p()", "GRANT EXECUTE ON {database}.* TO "),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", "GRANT EVENT ON {database}.* TO "),
        ("CREATE DATABASE elsewhere", "GRANT CREATE ON elsewhere.* TO "),
        ("SET GLOBAL max_connections = 100", " ON *.* TO "),
        (
            "UPDATE dbwarden_lock SET locked = FALSE",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.dbwarden_lock TO ",
        ),
    ],
)
def test_what_to_grant(my: Place, sql: str, grant: str) -> None:
    with my.connect() as root:
        ensure_tables(root, my.dialect, OwnTables())
        root.execute("CREATE TABLE a (id INTEGER)")
        root.execute("CREATE PROCEDURE p () SELECT 1")
    database = my.url.rpartition("/")[2]
    with account(my, "CREATE TEMPORARY TABLES") as url, connect(url) as conn:
        with pytest.raises(PermissionDenied) as error:
            conn.execute(sql)
        remedy = my.dialect.remedy(conn, error.value, OwnTables())
    assert remedy.startswith("As an account with GRANT OPTION: `GRANT ")
    assert grant.format(database=database) in remedy
    assert "'@'%';`" in remedy


def test_a_server_that_is_read_only(my: Place) -> None:
    with account(my, "ALL PRIVILEGES") as url, my.connect() as root, connect(url) as conn:
        root.execute("SET GLOBAL read_only = ON")
        try:
            with pytest.raises(DatabaseReadOnly):
                conn.execute("CREATE TABLE t (id INTEGER)")
        finally:
            root.execute("SET GLOBAL read_only = OFF")


# -- the named lock ---------------------------------------------------------------------------------------------------


def _holder(session: str) -> Holder:
    return Holder("h", 1, "u", "migrate", session)


def test_the_named_lock_tells_whether_its_session_lives(my: Place) -> None:
    conn, other, third = my.connect(), my.connect(), my.connect()
    mine, theirs, look = (NamedLock(each, "k") for each in (conn, other, third))
    session = mine.enter()
    assert session
    assert theirs.enter() == ""
    with conn.transaction():
        conn.execute("CREATE TABLE t (id INTEGER)")  # neither DDL nor COMMIT releases it
    assert look.liveness(_holder(session)) is Liveness.ALIVE
    assert look.liveness(_holder("0/" + session.partition("/")[2])) is Liveness.UNKNOWN  # somebody else has it
    assert look.liveness(_holder(session.partition("/")[0] + "/another-server")) is Liveness.UNKNOWN
    assert look.liveness(_holder("")) is Liveness.UNKNOWN
    third.execute(f"KILL {session.partition('/')[0]}")
    deadline = time.monotonic() + 10
    while look.liveness(_holder(session)) is not Liveness.GONE:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert theirs.enter()
    theirs.leave()
    theirs.leave()
    assert mine.conn is conn


class Cluster:
    """A connection to a cluster without named locks, or to a server that fails otherwise."""

    def __init__(self, conn: DatabaseConnection, code: str) -> None:
        self._conn, self._code = conn, code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def query(self, sql: str, params: Any = None) -> Any:
        if "GET_LOCK" in sql:
            raise DatabaseError("'GET_LOCK in cluster (WSREP_ON=ON)' is not supported", sqlstate=self._code)
        return self._conn.query(sql, params)


def test_a_cluster_without_named_locks(my: Place) -> None:
    """The row is the lock all the same."""
    for code in ("1235", "1105"):
        assert NamedLock(cast(DatabaseConnection, Cluster(my.connect(), code)), "k").enter() == ""
    with pytest.raises(DatabaseError):
        NamedLock(cast(DatabaseConnection, Cluster(my.connect(), "1054")), "k").enter()

    def open_store() -> LockStore:
        return lock_store(cast(DatabaseConnection, Cluster(my.connect(), "1235")), my.dialect, OwnTables())

    with acquire(open_store, LockRequest("migrate", wait=0)):
        status = open_store().status()
        assert status.active and status.liveness is Liveness.UNKNOWN
        with pytest.raises(LockHeld), acquire(open_store, LockRequest("migrate", wait=0)):
            pass
    assert not open_store().status().active


def test_locks_of_other_databases_and_keys_are_apart() -> None:
    names = {name_of(database, key) for database in ("a", "b", "a.b") for key in ("c", "b.c")}
    assert len(names) == 6
    assert all(len(name) <= 64 and name.startswith("dbwarden_") for name in names)
