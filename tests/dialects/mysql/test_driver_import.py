"""PyMySQL without ``cryptography``, until a password is encrypted with it."""

from __future__ import annotations

import secrets
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest

from dbwarden.api.connection import connect

pytest.importorskip("cryptography")
SCRIPT = """
import sys, threading
from dbwarden.api.connection import connect
for url in sys.argv[1:]:
    with connect(url) as conn:
        print(conn.query("SELECT 1")[0][0], "cryptography" in sys.modules)
import pymysql.connections
print(pymysql.connections._auth._have_cryptography)
"""


def _lines(*urls: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, *urls], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_password_is_encrypted_where_tls_is_off(mysql_url: str) -> None:
    """The server knows the password of neither account from an earlier login: it asks for the whole one."""
    names = [f"rsa_{secrets.token_hex(4)}" for _ in range(2)]
    parts = urlsplit(mysql_url)
    plain = f"{parts.query}&ssl_disabled=true" if parts.query else "ssl_disabled=true"
    with connect(mysql_url) as conn:
        for name in names:
            conn.execute(f"CREATE USER {name} IDENTIFIED WITH caching_sha2_password BY 'secret'")
        try:
            urls = [
                urlunsplit(parts._replace(netloc=f"{name}:secret@{parts.hostname}:{parts.port}", path="/", query=query))
                for name, query in zip(names, (parts.query, plain), strict=True)
            ]
            assert _lines(*urls) == ["1 False", "1 True", "True"]
        finally:
            for name in names:
                conn.execute(f"DROP USER {name}")


def test_a_login_of_mariadb_needs_none(mariadb_url: str) -> None:
    assert _lines(mariadb_url) == ["1 False", "False"]
