"""URLs: masking, mapping to drivers, and which two of them are one target."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from dbwarden.config import Database, redacted, redacted_text
from dbwarden.config.urls import parse, target
from dbwarden.core.engine import ENGINES, SCHEMES, Engine
from dbwarden.errors import InvalidUrl, MissingDriver, NoDevDatabase, TypeMismatch
from tests.servers.fixtures import need_driver


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://app@localhost/main", "postgresql://app@localhost/main"),
        ("postgresql://app:s3cret@localhost:5432/main", "postgresql://app:***@localhost:5432/main"),
        ("POSTGRES://app:s3cret@Host/main?sslmode=require", "POSTGRES://app:***@Host/main?sslmode=require"),
        ("postgresql+psycopg://:s3cret@h/db", "postgresql+psycopg://:***@h/db"),
        ("postgresql://app:s3/cr?et@h/db", "postgresql://app:***@h/db"),
        ("postgresql://app:s3@cr@et@h/db", "postgresql://app:***@h/db"),
        ("postgresql://app:s3@c/r@h/db", "postgresql://app:***@h/db"),
        ("postgresql://app:s3@c?ret@h/db", "postgresql://app:***@h/db"),
        ("mysql://app@azure:s3cret@h/db", "mysql://app@azure:***@h/db"),
        ("postgresql://h/db?user=a&password=s3cret&x=1", "postgresql://h/db?user=a&password=***&x=1"),
        ("postgresql://h/db?PassWord=s3cret", "postgresql://h/db?PassWord=***"),
        ("postgresql://h/db?sslpassword=s3cret#1", "postgresql://h/db?sslpassword=***"),
        ("clickhouse://h/db?access_token=s3cret", "clickhouse://h/db?access_token=***"),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("postgresql://${USER}:${PW}@h/db", "postgresql://${USER}:***@h/db"),
        ("app:s3cret@h/db", "***@h/db"),
        ("host=h password=s3cret user=a", "host=h password=*** user=a"),
        ("host=h password='s3 cret' user=a", "host=h password=*** user=a"),
    ],
)
def test_passwords_are_masked_and_the_rest_stays_as_typed(url: str, shown: str) -> None:
    assert redacted(url) == shown


def test_text_around_urls_is_masked() -> None:
    line = 'database_config(database_url_sync="postgresql://app:s3cret@h/db", password="my s3cret", model_paths=x)'
    assert (
        redacted_text(line)
        == 'database_config(database_url_sync="postgresql://app:***@h/db", password=***, model_paths=x)'
    )


def test_no_repr_and_no_value_shows_a_password() -> None:
    database = Database(
        database_name="primary",
        database_url_sync="postgresql://app:p%40ss@h/db",
        database_url_async="postgresql+asyncpg://app:asyncpw@h/db",
        dev_database_url="mysql://dev:devpw@h/db",
        sandbox_url="postgresql://box:boxpw@h/sandbox",
    )
    address = parse(database.database_url_sync, "")
    shown = f"{database!r} {database.values()} {database.shown_url()} {database.shown_url(dev=True)} {address}"
    for secret in ("p%40ss", "p@ss", "asyncpw", "devpw", "boxpw"):
        assert secret not in shown
    assert database.shown_url() == "postgresql://app:***@h/db"


def engine_of(url: str) -> Engine:
    return SCHEMES[parse(url, "").scheme]


def of(url: str, root: Path = Path("/project"), **more: object) -> Database:
    return Database(database_name="primary", database_url_sync=url, root=root, source="warden.py:3", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_takes_an_installed_driver(scheme: str) -> None:
    need_driver("psycopg")
    database = of(f"{scheme}://app:pw@h:6000/db?sslmode=require")
    assert database.database_type == "postgresql"
    assert database.url() == "postgresql+psycopg://app:pw@h:6000/db?sslmode=require"
    assert database.async_url() == "postgresql+psycopg://app:pw@h:6000/db?sslmode=require"


def test_an_asynchronous_driver_in_the_sync_url_becomes_a_synchronous_one() -> None:
    need_driver("psycopg")
    assert of("postgresql+asyncpg://a@h/db").url() == "postgresql+psycopg://a@h/db"
    assert (
        of("postgresql+asyncpg://a@h/db?ssl=true&prepared_statement_cache_size=0&application_name=x").url()
        == "postgresql+psycopg://a@h/db?sslmode=require&application_name=x"
    )
    assert of("postgresql+psycopg_async://a@h/db").url() == "postgresql+psycopg://a@h/db"
    assert of("postgresql+psycopg_async://a@h/db").async_url() == "postgresql+psycopg_async://a@h/db"
    assert of("postgresql+asyncpg://a@h/db?timeout=3&statement_cache_size=0").url() == "postgresql+psycopg://a@h/db"
    only_async = Database(database_name="primary", database_url_async="postgresql+asyncpg://a@h/db")
    assert only_async.url() == "postgresql+psycopg://a@h/db"


def test_sqlite_paths_start_at_the_project() -> None:
    assert of("sqlite:///app.db").url() == "sqlite:////project/app.db"
    assert of("sqlite:///./data/../app.db").url() == "sqlite:////project/app.db"
    assert of("sqlite+aiosqlite:///app.db").url() == "sqlite:////project/app.db"
    assert of("sqlite:////var/app.db").url() == "sqlite:////var/app.db"
    assert of("sqlite:///app.db?timeout=3").url() == "sqlite:////project/app.db?timeout=3"
    assert of("sqlite:///file:app.db?mode=ro&uri=true").url() == "sqlite:///file:/project/app.db?mode=ro&uri=true"
    assert of("sqlite://").url() == "sqlite://"
    assert of("sqlite:///:memory:").url() == "sqlite:///:memory:"


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [
        (
            "postgresql+psycopg2://h/db",
            "psycopg2",
            'pip install psycopg2-binary, or write postgresql:// and pip install "dbwarden[postgresql]"',
        ),
        (
            "mysql+mysqldb://h/db",
            "MySQLdb",
            'pip install mysqlclient, or write mysql:// and pip install "dbwarden[mysql]"',
        ),
        ("clickhouse://h/db", "clickhouse_connect", 'pip install "dbwarden[clickhouse]"'),
    ],
)
def test_a_missing_driver_names_what_to_install(url: str, module: str, extra: str) -> None:
    if find_spec(module) is not None:
        assert of(url).url()
        return
    with pytest.raises(MissingDriver) as refusal:
        of(url).url()
    assert refusal.value.hint == f"Install it: {extra}"
    assert refusal.value.message.startswith(f"No driver for {of(url).database_type} is installed (looked for ")


def test_every_scheme_and_driver_either_connects_or_names_the_driver() -> None:
    for engine in ENGINES.values():
        if engine.file:
            continue
        for scheme in engine.schemes:
            for driver in ("", *(f"+{driver.name}" for driver in engine.drivers)):
                database = of(f"{scheme}{driver}://u:pw@h/db", database_type=engine.name)
                try:
                    url = database.url()
                except MissingDriver as refusal:
                    assert "pip install" in (refusal.hint or "")
                else:
                    dialects = {row.sqlalchemy_dialect or engine.sqlalchemy_dialect for row in engine.drivers}
                    assert url.partition("://")[0].partition("+")[0] in dialects
                    assert url.endswith("://u:pw@h/db")


def test_an_asynchronous_driver_of_mysql_leaves_its_own_parameters_behind() -> None:
    need_driver("pymysql")
    for driver in ("asyncmy", "aiomysql"):
        url = of(f"mysql+{driver}://u@h/db?charset=utf8mb4&echo=true&ssl_ca=/ca.pem").url()
        assert url == "mysql+pymysql://u@h/db?charset=utf8mb4&ssl_ca=%2Fca.pem"


def test_a_file_of_options_may_name_the_database() -> None:
    assert of("mysql://?read_default_file=/etc/app.cnf").database_type == "mysql"


def test_mariadb_is_reached_through_mysql_urls_as_well() -> None:
    assert of("mysql://h/db").database_type == "mysql"
    assert of("mysql://h/db", database_type="mariadb").database_type == "mariadb"
    assert of("mariadb://h/db").database_type == "mariadb"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mydb", "a URL looks like postgresql://user@host:5432/name or sqlite:///file.db: mydb"),
        (
            "postgrsql://h/db",
            "the scheme 'postgrsql' is not known (known: sqlite://, postgresql://, mysql://, mariadb://, clickhouse://)"
            "; did you mean 'postgresql'?: postgrsql://h/db",
        ),
        (
            "postgresql://u:p@ss@h/db",
            "in a user name or password @ is written %40, / is %2F and : is %3A: postgresql://u:***@h/db",
        ),
        ("postgresql://h:port/db", "the port is not a number: postgresql://h:port/db"),
        ("sqlite://app.db", "a file takes three slashes: sqlite:///app.db: sqlite://app.db"),
        ("mysql://u:pw@h", "the URL names no database: mysql://user@host/database: mysql://u:***@h"),
        (
            "mariadb+pymysql://h/?charset=utf8mb4",
            "the URL names no database: mariadb://user@host/database: mariadb://h/?charset=utf8mb4",
        ),
        (
            "clickhouse+tcp://u:pw@h/db",
            "the driver 'tcp' is not supported for clickhouse (supported: connect, async, http, native, asynch; with"
            " clickhouse:// the one that is installed is taken): clickhouse+tcp://u:***@h/db",
        ),
    ],
)
def test_a_malformed_url_is_explained(url: str, message: str) -> None:
    with pytest.raises(InvalidUrl) as refusal:
        of(url)
    assert refusal.value.message == f"warden.py:3: database_url_sync of database 'primary': {message}"
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"database_type": "mysql", "database_url_sync": "postgresql://u:pw@h/db"},
            "database_type is mysql, but database_url_sync is a URL for postgresql: postgresql://u:***@h/db",
        ),
        (
            {"database_url_sync": "sqlite:///a.db", "database_url_async": "postgresql+asyncpg://h/db"},
            "database_type is sqlite, but database_url_async is a URL for postgresql: postgresql+asyncpg://h/db",
        ),
        (
            {"database_url_sync": "mysql://h/db", "dev_database_type": "sqlite", "dev_database_url": "mysql://h/dev"},
            "dev_database_type is sqlite, but dev_database_url is a URL for mysql: mysql://h/dev",
        ),
        (
            {"database_url_sync": "mysql://h/db", "sandbox_url": "sqlite:///box.db"},
            "database_type is mysql, but sandbox_url is a URL for sqlite: sqlite:///box.db",
        ),
        (
            {"database_type": "mysql", "database_url_sync": "mariadb://h/db"},
            "database_type is mysql, but database_url_sync is a URL for mariadb: mariadb://h/db",
        ),
    ],
)
def test_a_type_that_contradicts_its_url_is_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(TypeMismatch) as refusal:
        Database(database_name="primary", source="warden.py:3", **settings)  # type: ignore[arg-type]
    assert refusal.value.message == f"warden.py:3: {message}"


def test_dev_needs_a_dev_url() -> None:
    database = of("postgresql://h/db", dev_database_url="sqlite:///dev.db")
    assert (database.dialect(), database.dialect(dev=True)) == ("postgresql", "sqlite")
    assert database.url(dev=True) == "sqlite:////project/dev.db"
    with pytest.raises(NoDevDatabase) as refusal:
        of("postgresql://h/db").url(dev=True)
    assert refusal.value.message == "warden.py:3: database 'primary' has no dev_database_url, which --dev needs"


@pytest.mark.parametrize(
    "urls",
    [
        (
            "postgresql://a:x@localhost/db",
            "postgres://b@127.0.0.1:5432/db",
            "postgresql+psycopg2:///db",
            "postgresql://[::1]/db",
        ),
        ("postgresql:///db?host=/var/run/postgresql", "postgresql://localhost/db"),
        ("postgresql://DB.example.org./x", "postgresql+asyncpg://db.example.org:5432/x?sslmode=require"),
        ("postgresql://h/db", "postgresql:///db?host=h:5432", "postgresql:///?host=h&dbname=db"),
        ("mysql://h/db", "mariadb+pymysql://h:3306/db"),
        ("mysql://localhost/db", "mysql:///db?unix_socket=/run/mysqld/mysqld.sock"),
        ("clickhouse://h", "clickhousedb+connect://h:8123/default"),
        ("sqlite:///a.db", "sqlite:///./x/../a.db", "sqlite:////project/a.db", "sqlite:///file:a.db?uri=true"),
    ],
)
def test_spellings_of_one_target_are_the_same(urls: tuple[str, ...]) -> None:
    places = {target(parse(url, ""), engine_of(url), Path("/project")) for url in urls}
    assert len(places) == 1


@pytest.mark.parametrize(
    "urls",
    [
        ("postgresql://h/a", "postgresql://h/b", "postgresql://h:6432/a", "postgresql://g/a", "mysql://h/a"),
        ("postgresql://h/a?options=-csearch_path%3Done", "postgresql://h/a?options=-csearch_path%3Dtwo"),
        ("mysql:///db", "mysql:///db?unix_socket=/srv/one.sock", "mysql:///db?unix_socket=/srv/two.sock"),
        ("sqlite:///a.db", "sqlite:///b.db", "sqlite:////a.db"),
    ],
)
def test_different_targets_differ(urls: tuple[str, ...]) -> None:
    places = [target(parse(url, ""), engine_of(url), Path("/project")) for url in urls]
    assert len(set(places)) == len(urls)


def test_a_link_to_a_database_file_is_the_same_target(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    (tmp_path / "b.db").symlink_to("a.db")
    sqlite = ENGINES["sqlite"]
    assert target(parse("sqlite:///a.db", ""), sqlite, tmp_path) == target(
        parse("sqlite:///b.db", ""), sqlite, tmp_path
    )


def test_memory_is_no_shared_target() -> None:
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"):
        assert target(parse(url, ""), ENGINES["sqlite"], Path("/")) is None


@pytest.mark.parametrize("word", ["x", "x.", "password", "://", "http://", "a=b&"])
def test_a_long_text_is_masked_in_one_reading(word: str) -> None:
    """Read from each of its letters, it would take minutes."""
    text = word * (400_000 // len(word))
    assert redacted_text(f"{text} postgresql://app:geheim@host/db password=geheim").count("geheim") == 0
