"""URLs mean to us what they mean to SQLAlchemy, which the application connects with: the drivers get the same arguments."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.connector import Settings
from dbwarden.core.engine import SUPPORTED
from dbwarden.core.url import Url
from dbwarden.errors import ConnectionFailed
from dbwarden.runtime.drivers import resolve_url

words = st.text(min_size=1, max_size=8)
names = st.text("abz09-._", min_size=1, max_size=8)
DRIVERS = [name for name, row in SUPPORTED["postgresql"].sync_drivers.items() if find_spec(row.module)]
hosts = st.one_of(names, st.just("[::1]"), st.just("[fe80::1%25eth0]"))


@st.composite
def urls(draw: st.DrawFn) -> str:
    url = f"postgresql+{draw(st.sampled_from(DRIVERS))}://"
    if draw(st.booleans()):
        url += quote(draw(words), safe="")
        url += f":{quote(draw(words), safe='')}" if draw(st.booleans()) else ""
        url += "@"
    if draw(st.booleans()):
        url += draw(hosts) + (f":{draw(st.integers(1, 65535))}" if draw(st.booleans()) else "")
    if draw(st.booleans()):
        url += "/" + quote(draw(words), safe="")
    parameters = []
    if draw(st.booleans()):
        parameters.append(("sslmode", draw(st.sampled_from(["require", "verify-full", "a b&c"]))))
    for host in draw(
        st.lists(st.one_of(names, st.just("/run/postgresql"), names.map(lambda name: f"{name}:5433")), max_size=3)
    ):
        parameters.append(("host", host))
    return url + ("?" + "&".join(f"{key}={quote(value, safe='/:')}" for key, value in parameters) if parameters else "")


@given(urls())
@example("postgresql+psycopg://")
@example("postgresql+psycopg://u:p%40%2F%3A%25@[::1]:5433/a%20b?options=-c%20search_path%3Dx&application_name=app")
@example("postgresql+psycopg:///db?host=h1:1&host=h2&host=h3:3")
@example("postgresql+psycopg://u@/db?host=h1,h2&port=1,2")
@example("postgresql+psycopg:///db?host=h1:")
@example("postgresql+psycopg://u@h/db?keepalives_idle=7&keepalives=0")
def test_the_driver_gets_what_sqlalchemy_gives_it(text: str) -> None:
    theirs = make_url(text)
    kind = theirs.get_dialect()
    _, expected = kind(dbapi=kind.import_dbapi()).create_connect_args(theirs)
    url = resolve_url(text)
    ours = dict(dialects.connector(url.scheme).open(url, Settings()).kwargs)
    keepalives = ("keepalives_idle", "keepalives_interval", "keepalives_count")
    for added in ("connect_timeout", "prepare_threshold", "application_name", *keepalives):
        if added not in expected:
            ours.pop(added, None)
    expected.pop("context", None)
    assert {key: str(value) for key, value in ours.items()} == {
        key: str(value) for key, value in expected.items() if value
    }


@given(urls())
def test_what_people_see_has_no_password_and_reads_back(text: str) -> None:
    url = Url.parse(text)
    again = Url.parse(str(url))
    assert (again.scheme, again.username or None, again.host, again.port) == (
        url.scheme,
        url.username or None,
        url.host,
        url.port,
    )
    assert again.password is None and again.query.get("host") == url.query.get("host")
    assert set(again.query) <= {"host"}


@pytest.mark.parametrize("text", ["", "nonsense", "postgresql:/x", "postgresql://h:port/x", "://h/x"])
def test_what_is_no_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"URL|port"):
        Url.parse(text)


@pytest.mark.parametrize(
    "text",
    ["sqlite://", "sqlite:///a.db", "sqlite:////tmp/a%20b.db", "sqlite:///:memory:", "sqlite:///a.db?cache=shared"],
)
def test_a_file_is_the_file_that_sqlalchemy_opens(text: str) -> None:
    assert resolve_url(text).database == make_url(text).database


def test_a_mode_of_sqlite_is_heeded(tmp_path: Path) -> None:
    """``uri=true`` says that the query is SQLite's own."""
    url = f"sqlite:///file:{tmp_path}/a.db?uri=true"
    with pytest.raises(ConnectionFailed, match="mode=rw in the URL does not create it"):
        connect(f"{url}&mode=rw")
    with connect(f"{url}&mode=memory") as conn:
        conn.execute("CREATE TABLE t (id INTEGER)")
    assert list(tmp_path.iterdir()) == []
    with connect(url) as conn:
        conn.execute("CREATE TABLE t (id INTEGER)")
    with connect(f"{url}&mode=rw") as conn:
        conn.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(ConnectionFailed, match="mode=ro, which allows no writing"):
        connect(f"{url}&mode=ro")
    with connect(f"{url}&mode=ro", read_only=True) as conn:
        assert conn.query("SELECT id FROM t") == [(1,)]
    with connect(f"sqlite:///{tmp_path}/a.db?mode=ro") as conn:
        conn.execute("INSERT INTO t VALUES (2)")
