"""Backups: which programs, which options, and what a restore that fails leaves as it was."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.archive import UNCHANGED, Command, Pipe
from dbwarden.core.dialect import Scope
from dbwarden.dialects.mysql import backup
from dbwarden.errors import ArchiveFailed, ConnectionLost, RestoreFailed
from dbwarden.runtime import backup as archives
from dbwarden.runtime.backup import Programs
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers.fixtures import put_dump_programs_on_path

from .conftest import Flavour


class Fake:
    """Programs with these versions, by their path."""

    remains = UNCHANGED

    def __init__(self, **versions: str) -> None:
        self.versions = versions

    def find(self, program: str, places: str = "") -> Sequence[str]:
        return [f"/bin/{program}"] if program.replace("-", "_") in self.versions else []

    def run(self, command: Command) -> str:
        return self.versions[Path(command.argv[0]).name.replace("-", "_")]

    def pipe(self, pipe: Pipe) -> None:
        raise AssertionError

    def check(self) -> None:
        """No signal arrived."""


THEIRS = {
    "mysql": "mysqldump  Ver 99.1.0 for Linux on x86_64",
    "mariadb": "mariadb-dump from 99.1.2-MariaDB, client 10.19",
}
OLD = {
    "mysql": "mysqldump  Ver 5.7.44 for Linux on x86_64",
    "mariadb": "mysqldump  Ver 10.16 Distrib 9.1.0-MariaDB, for x",
}


def test_the_program_is_that_of_the_flavour_and_not_older_than_the_server(flavour: Flavour) -> None:
    dump = backup.SqlDump(flavour.name)
    other = "mariadb" if flavour.name == "mysql" else "mysql"
    assert dump._dump(flavour.conn, Fake(mysqldump=THEIRS[flavour.name])) == "/bin/mysqldump"
    for shown in (THEIRS[other], OLD[flavour.name]):
        with pytest.raises(ArchiveFailed, match="or later: /bin/mysqldump is not one") as raised:
            dump._dump(flavour.conn, Fake(mysqldump=shown))
        assert "Install the client programs of" in raised.value.advice
    with pytest.raises(ArchiveFailed, match="it is not on PATH"):
        dump._dump(flavour.conn, Fake())


class Connected:
    """What a connection says of its URL."""

    def __init__(self, url: str) -> None:
        from dbwarden.core.url import Url

        self.url = Url.parse(url)
        self.parameters = self.url.parameters


def test_the_option_file_has_the_secret_and_the_strictness_of_the_url() -> None:
    text = backup.option_file(Connected("mysql://we%20ird:a%23b%5Cc%22d@localhost/x"), "mysql")  # type: ignore[arg-type]
    assert 'user="we ird"\n' in text and 'password="a#b\\\\c\\"d"\n' in text
    assert 'protocol="tcp"\nhost="localhost"\nport="3306"\n' in text
    text = backup.option_file(Connected("mariadb://u@/x?unix_socket=/run/s"), "mariadb")  # type: ignore[arg-type]
    assert 'protocol="socket"\nsocket="/run/s"\n' in text and "password" not in text
    assert text.endswith("loose-skip-ssl-verify-server-cert\n")
    strict = "://u@h/x?ssl_ca=/ca.pem&ssl_verify_identity=true"
    assert "\nssl-mode=VERIFY_IDENTITY\n" in backup.option_file(Connected(f"mysql{strict}"), "mysql")  # type: ignore[arg-type]
    text = backup.option_file(Connected(f"mariadb{strict}"), "mariadb")  # type: ignore[arg-type]
    assert '\nssl-ca="/ca.pem"\nssl-verify-server-cert\n' in text


@pytest.fixture
def saved(flavour: Flavour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of a database with a table, a row and a trigger."""
    put_dump_programs_on_path(flavour.url, monkeypatch)
    for sql in (
        "CREATE TABLE t (id INT PRIMARY KEY, n VARCHAR(9))",
        "INSERT INTO t VALUES (1, 'a')",
        "CREATE TRIGGER loud BEFORE INSERT ON t FOR EACH ROW SET NEW.n = 'loud'",
    ):
        flavour.conn.execute(sql)
    file = tmp_path / "backup.sql"
    file.touch()
    flavour.dialect.archive.save(flavour.conn, str(file), "dbwarden_lock", Programs(lambda: None))
    return file


def databases(flavour: Flavour) -> set[str]:
    """Our databases on the server, but for the scratch databases of other tests at this moment."""
    rows = flavour.conn.query(
        "SELECT schema_name FROM information_schema.schemata"
        " WHERE schema_name LIKE 'dbwarden%' AND schema_name NOT LIKE 'dbwarden_scratch%'"
    )
    return {str(name) for (name,) in rows}


def test_a_restore_that_fails_changes_nothing(flavour: Flavour, saved: Path) -> None:
    parts = saved.read_bytes().split(backup._CHECKSUM)[0].split(backup._DEFINITIONS)
    saved.write_bytes(parts[0])
    backup._finish(str(saved), [f"{parts[1].decode()}\nSELECT nonsense;\n"])
    flavour.conn.execute("UPDATE t SET n = 'later'")
    flavour.conn.execute("CREATE VIEW v AS SELECT id FROM t")
    before, left = flavour.dialect.inspect(flavour.conn, Scope()), databases(flavour)
    with pytest.raises(ArchiveFailed, match="nonsense"):
        flavour.dialect.archive.restore(flavour.conn, str(saved), "dbwarden_lock", Programs(lambda: None))
    assert flavour.dialect.inspect(flavour.conn, Scope()) == before
    assert flavour.conn.query("SELECT id, n FROM t") == [(1, "later")]
    assert databases(flavour) == left


def test_an_account_that_may_not_create_a_database_is_told_so(flavour: Flavour, saved: Path) -> None:
    account = f"'r_{secrets.token_hex(4)}'@'%'"
    flavour.conn.execute(f"CREATE USER {account} IDENTIFIED BY 'Secret_1'")
    try:
        flavour.conn.execute(f"GRANT ALL ON {flavour.conn.database}.* TO {account}")
        name, host = account.split("@")[0].strip("'"), flavour.url.rpartition("@")[2]
        with (
            connect(f"{flavour.name}://{name}:Secret_1@{host}") as conn,
            pytest.raises(ArchiveFailed, match=r"(?i)access denied") as raised,
        ):
            flavour.dialect.archive.restore(conn, str(saved), "dbwarden_lock", Programs(lambda: None))
        assert "must be allowed to create a database such as dbwarden_restore_" in raised.value.advice
    finally:
        flavour.conn.execute(f"DROP USER {account}")
    assert flavour.conn.query("SELECT id, n FROM t") == [(1, "a")]


class Dying:
    """A connection that breaks before or behind the statement of a number, counted from 1."""

    def __init__(self, conn: DatabaseConnection, last: int, after: bool) -> None:
        self._conn, self._last, self._after, self.sent, self._dead = conn, last, after, list[str](), False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def execute(self, sql: str, params: Any = None) -> int:
        self.sent.append(sql)
        here = len(self.sent) == self._last
        self._dead = self._dead or (here and not self._after)
        count = 0 if self._dead else self._conn.execute(sql, params)
        self._dead = self._dead or here
        if self._dead:
            raise ConnectionLost("it broke")
        return count


def test_a_restore_that_stops_anywhere_is_typed_again(flavour: Flavour, saved: Path) -> None:
    """Before and behind each statement: nothing changed, or the error says what to do; in the end all is there."""
    wanted, left = flavour.dialect.inspect(flavour.conn, Scope()), databases(flavour)
    counted = Dying(flavour.conn, 0, False)
    hints = set()

    def restore(conn: Any) -> str:
        try:
            archives.restore(flavour.dialect, conn, saved, "dbwarden_lock", lambda state: None)
        except RestoreFailed as error:
            return str(error.hint)
        return ""

    assert restore(counted) == ""
    for number, after in ((n, a) for n in range(1, len(counted.sent) + 1) for a in (False, True)):
        for sql in ("DELETE FROM t", "CREATE OR REPLACE VIEW v AS SELECT id FROM t"):
            flavour.conn.execute(sql)
        hint = restore(Dying(flavour.conn, number, after))
        hints.add(hint)
        if hint.startswith(UNCHANGED):
            assert flavour.conn.query("SELECT * FROM t") == [] and triggers(flavour) == {"loud"}, counted.sent[
                number - 1
            ]
        elif hint:
            assert "Run the same command again, with --force" in hint
        assert restore(flavour.conn) == ""
        assert flavour.dialect.inspect(flavour.conn, Scope()) == wanted
        assert flavour.conn.query("SELECT id, n FROM t") == [(1, "a")]
        assert databases(flavour) == left
    assert len(hints) == 3


def triggers(flavour: Flavour) -> set[str]:
    rows = flavour.conn.query("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()")
    return {str(name) for (name,) in rows}


def test_the_table_of_the_lock_stays(flavour: Flavour, saved: Path) -> None:
    flavour.conn.execute("CREATE TABLE dbwarden_lock (id INT)")
    flavour.conn.execute("INSERT INTO dbwarden_lock VALUES (7)")
    flavour.conn.execute("DROP TABLE t")
    flavour.dialect.archive.restore(flavour.conn, str(saved), "dbwarden_lock", Programs(lambda: None))
    assert flavour.conn.query("SELECT id FROM dbwarden_lock") == [(7,)]
    flavour.conn.execute("INSERT INTO t VALUES (2, 'x')")
    assert flavour.conn.query("SELECT id, n FROM t ORDER BY id") == [(1, "a"), (2, "loud")]


@pytest.mark.parametrize("length", [0, 100, -1, -80, -400])
def test_an_incomplete_file_is_recognised(tmp_path: Path, length: int) -> None:
    file = tmp_path / "whole.sql"
    file.write_bytes(b"-- a\n" * 200)
    backup._finish(str(file), ["CREATE VIEW v AS SELECT 1;\n"])
    dump = backup.SqlDump("mysql")
    dump.examine(str(file), Fake())
    whole = file.read_bytes()
    file.write_bytes(whole[:length])
    with pytest.raises(ArchiveFailed, match="not complete"):
        dump.examine(str(file), Fake())
    file.write_bytes(whole.replace(b"-- a", b"-- b", 1))
    with pytest.raises(ArchiveFailed, match="damaged"):
        dump.examine(str(file), Fake())
