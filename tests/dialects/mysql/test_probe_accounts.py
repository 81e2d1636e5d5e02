"""Probing of statements on accounts, roles and privileges: before them, and behind them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbwarden.core.statement import Evidence
from dbwarden.errors import DatabaseError

from .conftest import Flavour

SHOWN = (
    "CREATE USER '{a}'@'LocalHost' IDENTIFIED BY 'a,b'",
    "CREATE USER {b}, {c}",
    "RENAME USER {b} TO {d}, {c} TO {e}@localhost",
    "CREATE ROLE {r}",
    "GRANT SELECT (id, n), UPDATE ON t TO {d}; GRANT INSERT, DELETE ON * TO {d}, {e}@localhost WITH GRANT OPTION;"
    " GRANT EXECUTE ON PROCEDURE p TO {d}; GRANT {r} TO {d}; GRANT ALL ON other.* TO {d}; GRANT CREATE ON *.* TO {d}",
    "REVOKE SELECT (n) ON t FROM {d}",
    "REVOKE UPDATE, SELECT ON TABLE t FROM {d}",
    "REVOKE INSERT ON * FROM {d}, {e}@localhost",
    "REVOKE GRANT OPTION ON * FROM {d}",
    "REVOKE EXECUTE ON PROCEDURE p FROM {d}",
    "REVOKE {r} FROM {d}",
    "REVOKE DROP ON other.* FROM {d}",
    "REVOKE ALL ON other.* FROM {d}",
    "REVOKE CREATE ON *.* FROM '{d}'@'%'",
    "DROP ROLE {r}",
    "DROP USER {d}, {e}@localhost, '{a}'@localhost",
)
"""One after the other; GRANT may run again, so that it is not probed."""


@pytest.fixture
def names(flavour: Flavour) -> Iterator[dict[str, str]]:
    """Names of accounts that the test may create."""
    names = {letter: f"{letter}_{flavour.conn.database}"[-30:] for letter in "abcder"}
    names = {letter: f"{letter}{name}" for letter, name in names.items()}
    yield names
    for host in ("%", "localhost"):
        for name in names.values():
            flavour.conn.execute(f"DROP USER IF EXISTS `{name}`@`{host}`")
    if flavour.name == "mariadb":
        flavour.conn.execute(f"DROP ROLE IF EXISTS {names['r']}")


def test_before_and_behind(flavour: Flavour, names: dict[str, str]) -> None:
    conn, dialect = flavour.conn, flavour.dialect
    conn.execute("CREATE TABLE t (id int, n int)")
    conn.execute("CREATE PROCEDURE p () SELECT 1")
    for template in SHOWN:
        sql = template.format(**names)
        if sql.startswith("GRANT"):
            for each in sql.split("; "):
                conn.execute(each)
            continue
        assert dialect.recovery(sql).evidence is Evidence.CATALOGUE, sql
        assert dialect.probe(conn, sql) is False, sql
        conn.execute(sql)
        assert dialect.probe(conn, sql) is True, sql
        assert dialect.probe(conn, sql, refused=True) is False


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE USER IF NOT EXISTS a", "CREATE OR REPLACE USER a", "CREATE OR REPLACE ROLE a", "DROP USER IF EXISTS a",
        "ALTER USER a IDENTIFIED BY 'retain'", "SET PASSWORD FOR a = 'x'", "SET DEFAULT ROLE a TO b", "GRANT SELECT ON t TO a",
        "GRANT a TO b", "REVOKE IF EXISTS SELECT ON t FROM a", "REVOKE ALL PRIVILEGES, GRANT OPTION FROM a",
    ],
)  # fmt: skip
def test_what_may_run_again(flavour: Flavour, sql: str) -> None:
    assert flavour.dialect.recovery(sql).evidence is Evidence.REPEATABLE
    assert flavour.dialect.probe(flavour.conn, sql) is False


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER USER a IDENTIFIED BY 'x' RETAIN CURRENT PASSWORD", "ALTER USER a IDENTIFIED BY 'x' REPLACE 'y'",
        "ALTER USER a ADD 2 FACTOR IDENTIFIED BY 'x'", "SET PASSWORD FOR a = 'x' REPLACE 'y'", "REVOKE PROXY ON a FROM b",
        "REVOKE SUPER ON *.* FROM a", "REVOKE ADMIN OPTION FOR a FROM b", "REVOKE SELECT ON t FROM nobody",
    ],
)  # fmt: skip
def test_what_only_a_person_can_tell(flavour: Flavour, sql: str) -> None:
    """The old password is lost if the new one is retained; names of privileges that SHOW GRANTS has other words for."""
    assert flavour.dialect.probe(flavour.conn, sql) is None


def test_some_of_the_accounts(flavour: Flavour, names: dict[str, str]) -> None:
    """MariaDB goes from one to the next: what a killed server left is dropped, and nothing else is guessed."""
    conn, dialect = flavour.conn, flavour.dialect
    conn.execute("CREATE USER {a}".format(**names))
    assert dialect.probe(conn, "CREATE USER {a}, {b}".format(**names)) is None
    assert dialect.probe(conn, "RENAME USER {a} TO {b}, {c} TO {d}".format(**names)) is None
    dropped = dialect.probe(conn, "DROP USER {a}, {b}".format(**names))
    assert dropped is (True if flavour.name == "mariadb" else None)
    if dropped:
        with pytest.raises(DatabaseError):
            conn.execute("DROP USER {a}".format(**names))
