"""Seeds in Python on engines with transactions: the session, its transaction, and mistakes in the file."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

import dbwarden
from dbwarden import MigrateOptions, SeedOptions
from dbwarden.errors import (
    DuplicateSeed,
    FileFormatError,
    FileNameError,
    ImplicitCommit,
    LockLost,
    MigrationFailed,
    MissingSeeds,
    ModelImportError,
)
from tests.servers.fixtures import need_driver
from tests.support.command import rows, write_migration, write_project

MODELS = """
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
"""
USERS = "SELECT id, name FROM users ORDER BY id"


@pytest.fixture
def seeds(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of seeds of a project with a table and its model."""
    create = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL);"
    write_migration(write_project(tmp_path, database_url), "0001_users", create, "DROP TABLE users;")
    (tmp_path / "models.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    dbwarden.migrate()
    folder = tmp_path / "seeds" / "primary"
    folder.mkdir(parents=True)
    return folder


def write(seeds: Path, name: str, text: str) -> None:
    (seeds / name).write_text("from models import User\nfrom sqlalchemy import select, text\n\n" + text)


def test_models_and_savepoints(seeds: Path, database_url: str) -> None:
    """A commit of the session is a savepoint: what comes before an error of the file goes with it."""
    text = """
def upgrade(session):
    session.add(User(id=1, name="ann"))
    session.commit()
    session.add(User(id=2, name="bob"))
    session.rollback()
    with session.begin_nested():
        session.add(User(id=3, name="cat"))
    {}
"""
    write(seeds, "0001_users.py", text.format("raise KeyError(7)"))
    with pytest.raises(MigrationFailed, match="KeyError: 7"):
        dbwarden.seed_apply()
    assert rows(database_url, USERS) == []
    write(seeds, "0001_users.py", text.format("session.add(User(id=4, name='dan'))"))
    dbwarden.seed_apply()
    assert rows(database_url, USERS) == [(1, "ann"), (3, "cat"), (4, "dan")]


def test_the_error_of_the_server_has_its_line(seeds: Path, database_url: str) -> None:
    write(
        seeds,
        "0001_twice.py",
        """
def upgrade(session):
    for name in ("a", "b"):
        session.add(User(id=1, name=name))
        session.flush()
""",
    )
    with pytest.raises(MigrationFailed) as failed:
        dbwarden.seed_apply()
    assert (failed.value.line, failed.value.excerpt) == (8, "session.flush()")
    assert failed.value.sqlstate
    assert "sqlalche.me" not in str(failed.value)
    assert "upgrade(session) failed" in str(failed.value)
    assert "Nothing of the file remains" in (failed.value.hint or "")


def test_a_coroutine_gets_an_asynchronous_session(seeds: Path, database_url: str) -> None:
    write(
        seeds,
        "0001_users.py",
        """
async def upgrade(session):
    session.add(User(id=1, name="ann"))
    await session.flush()
    assert (await session.scalars(select(User.name))).all() == ["ann"]
    assert (await session.get(User, 1)).name == "ann"
    async for user in await session.stream_scalars(select(User)):
        assert user.name == "ann"
    connection = await session.connection()
    assert (await connection.execute(text("SELECT COUNT(*) FROM users"))).scalar() == 1
    async with session.begin_nested():
        session.add(User(id=2, name="bob"))
    await session.run_sync(lambda session: session.add(User(id=3, name="cat")))


async def rollback(session):
    for user in (await session.scalars(select(User))).all():
        await session.delete(user)
""",
    )
    dbwarden.seed_apply()
    assert rows(database_url, USERS) == [(1, "ann"), (2, "bob"), (3, "cat")]

    async def inside_a_loop() -> None:
        dbwarden.seed_rollback()

    asyncio.run(inside_a_loop())
    assert rows(database_url, USERS) == []


def test_ddl_where_it_commits(seeds: Path, database_url: str) -> None:
    """Where DDL is part of the transaction it may run; elsewhere it is refused before it is sent, unless the file says that
    it commits by itself."""
    body = """
def upgrade(session):
    session.add(User(id=1, name="ann"))
    session.flush()
    session.execute(text("CREATE TABLE more (n INTEGER)"))
"""
    write(seeds, "0001_more.py", body)
    if not database_url.startswith(("mysql", "mariadb")):
        dbwarden.seed_apply()
        return
    with pytest.raises(ImplicitCommit) as refused:
        dbwarden.seed_apply()
    assert (refused.value.file, refused.value.line) == ("0001_more.py", 8)
    assert 'transaction = "off"' in (refused.value.hint or "")
    assert rows(database_url, USERS) == []
    write(seeds, "0001_more.py", 'transaction = "off"\n' + body)
    dbwarden.seed_apply()
    assert rows(database_url, "SELECT * FROM more") == []
    assert rows(database_url, USERS) == [(1, "ann")]


def test_transactions_of_its_own(seeds: Path, database_url: str) -> None:
    """With ``transaction = "off"`` a commit of the session stays; a failed run is repeated as a whole."""
    text = """
transaction = "off"

def upgrade(session):
    if session.get(User, 1) is None:
        session.add(User(id=1, name="ann"))
        session.commit()
    session.add(User(id=2, name="bob"))
    session.flush()
    {}
"""
    write(seeds, "0001_users.py", text.format("raise OSError('away')"))
    with pytest.raises(MigrationFailed, match="OSError: away"):
        dbwarden.seed_apply()
    assert rows(database_url, USERS) == [(1, "ann")]
    assert dbwarden.seed_list().pending == 1
    write(seeds, "0001_users.py", text.format(""))
    dbwarden.seed_apply()
    assert rows(database_url, USERS) == [(1, "ann"), (2, "bob")]
    assert rows(database_url, "SELECT COUNT(*) FROM dbwarden_journal") == [(0,)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        ("0001_a.py", "def upgrade(session)\n", FileFormatError, r"0001_a\.py:1:21: expected ':'"),
        ("0001_a.py", "def run(session): ...\n", FileFormatError, r"0001_a\.py:1:1: no function `upgrade`"),
        (
            "0001_a.py",
            "\ndef upgrade(): ...\n",
            FileFormatError,
            r"0001_a\.py:2:1: `upgrade` is called with one argument",
        ),
        ("0001_a.py", "def upgrade(a, b): ...\n", FileFormatError, "is called with one argument"),
        ("0001_a.py", "transaction = 1\ndef upgrade(s): ...\n", FileFormatError, "`transaction` expects on or off"),
        ("0001_a.py", "depends_on = one\ndef upgrade(s): ...\n", FileFormatError, "`depends_on` expects a constant"),
        ("0001_a.py", "import nowhere\ndef upgrade(s): ...\n", ModelImportError, "No module named 'nowhere'"),
        ("0001-a.py", "def upgrade(s): ...\n", FileNameError, r"rename it to 0001_a\.py"),
        ("0001_a.SQL", "", FileNameError, r"rename it to 0001_a\.sql"),
        (
            "0002_b.py",
            "def upgrade(s): ...\n",
            DuplicateSeed,
            r"Seed 0002 exists more than once: 0002_b\.py, 0002_c\.py",
        ),
    ],
)
def test_mistakes(seeds: Path, name: str, text: str, error: type[Exception], words: str) -> None:
    """They are found before anything runs."""
    (seeds / "0000_first.py").write_text("def upgrade(session): raise SystemExit\n")
    (seeds / "0002_c.py").write_text("def upgrade(session): ...\n")
    (seeds / "tools.py").write_text("a module that is not read\n")
    (seeds / name).write_text(text)
    with pytest.raises(error, match=words):
        dbwarden.seed_apply()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_missing_folder(seeds: Path) -> None:
    seeds.rmdir()
    with pytest.raises(MissingSeeds, match="There is no folder of seeds"):
        dbwarden.seed_apply(options=SeedOptions(dry_run=True))
    assert dbwarden.seed_list().notes
    assert dbwarden.seed_create("first").path.name == "0001_first.sql"


@pytest.mark.parametrize("database_url", ["postgresql", "mysql", "mariadb"], indirect=True)
@pytest.mark.parametrize("head", ["", 'transaction = "off"\n'], ids=["together", "alone"])
def test_a_lost_lock_stops_it(seeds: Path, database_url: str, head: str) -> None:
    """Nothing is recorded, and nothing of a transaction that is not recorded stays; outside of one, the next statement is
    not sent."""
    write(
        seeds,
        "0001_stolen.py",
        f"""
from dbwarden.api.connection import connect
{head}
def upgrade(session):
    session.add(User(id=1, name="ann"))
    session.commit()
    with connect({database_url!r}) as other:
        other.execute("UPDATE dbwarden_lock SET token = 'of another'")
    session.add(User(id=2, name="bob"))
""",
    )
    with pytest.raises(LockLost):
        dbwarden.seed_apply()
    assert rows(database_url, USERS) == ([(1, "ann")] if head else [])
    assert rows(database_url, "SELECT event FROM dbwarden_seeds") == []


DRIVERS = {
    "postgresql": ("psycopg2", "psycopg"),
    "mysql": ("pymysql", "mysqlconnector"),
    "mariadb": ("pymysql",),
}


@pytest.mark.parametrize(
    ("database_url", "driver"),
    [(engine, driver) for engine, drivers in DRIVERS.items() for driver in drivers],
    indirect=["database_url"],
)
def test_every_driver(database_url: str, driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session shares the connection of whatever driver the URL names."""
    engine, _, rest = database_url.partition(":")
    need_driver({"mysqlconnector": "mysql.connector"}.get(driver, driver))
    create = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL);"
    write_migration(write_project(tmp_path, f"{engine}+{driver}:{rest}"), "0001_users", create)
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "seeds" / "primary").mkdir(parents=True)
    text = """
def upgrade(session):
    session.add_all([User(id=n, name="100%s é") for n in range(3)])
    session.commit()
    assert session.scalars(select(User.name)).first() == "100%s é"
    for user in session.scalars(select(User)):
        user.name = "ann"
        break
"""
    write(tmp_path / "seeds" / "primary", "0001_users.py", text)
    write(
        tmp_path / "seeds" / "primary",
        "0002_none.py",
        "async " + text.lstrip().replace("\n    ", "\n    return\n    ", 1),
    )
    monkeypatch.chdir(tmp_path)
    report = dbwarden.migrate(options=MigrateOptions(apply_seeds=True))
    assert report.seeds is not None and len(report.seeds.seeds) == 2
    assert sorted(rows(database_url, "SELECT id FROM users")) == [(0,), (1,), (2,)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_on_the_dev_database(seeds: Path, database_url: str, tmp_path: Path) -> None:
    """Seeds in SQL run translated, or in their variant; those in Python as they are."""
    for folder in (tmp_path / "migrations" / "primary", tmp_path / "warden.py"):
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    dev = f"sqlite:///{tmp_path}/dev.db"
    migrations = write_project(tmp_path, database_url, dev_database_url=dev)
    write_migration(migrations, "0001_users", "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL);")
    write(seeds, "0001_ann.py", "def upgrade(session):\n    session.add(User(id=1, name='ann'))\n")
    statement = "INSERT INTO users VALUES (2::integer, 'bob') ON CONFLICT (id) DO NOTHING;"
    (seeds / "0002_bob.sql").write_text(f"-- upgrade\n{statement}\n\n-- rollback\nDELETE FROM users WHERE id = 2;\n")
    dbwarden.migrate(options=MigrateOptions(dev=True, apply_seeds=True))
    assert rows(dev, USERS) == [(1, "ann"), (2, "bob")]
    assert rows(database_url, USERS) == []
    dbwarden.seed_rollback(options=SeedOptions(dev=True))
    assert rows(dev, USERS) == [(1, "ann")]
    assert (dbwarden.seed_list(dev=True).pending, dbwarden.seed_list().pending) == (1, 2)
