"""Sessions, gate and health of web applications, with each framework itself.

Annotations are evaluated here: FastAPI reads them, and they name local variables.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import dbwarden
from dbwarden.config import DatabaseHandle
from dbwarden.errors import SchemaNotCurrent
from dbwarden.web import SchemaHealthCheck, lifespan, migrate_on_startup, require_up_to_date
from tests.support.project import Project

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30)))
"""
SECOND = "-- upgrade\nCREATE TABLE t (id INTEGER);\n\n-- rollback\nDROP TABLE t;\n"
INSERT = sa.text("INSERT INTO users (id, name) VALUES (1, 'Ada')")
COUNT = sa.text("SELECT count(*) FROM users")


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.reach(MODELS)
    return project


@pytest.fixture
def handle(project: Project) -> Iterator[DatabaseHandle]:
    yield from handle_of(project)


def handle_of(project: Project) -> Iterator[DatabaseHandle]:
    """The handle that an application gets by importing the configuration."""
    place: dict[str, Any] = {}
    source = Path(project.config).read_text()
    exec(compile(source, project.config, "exec"), place)
    handle: DatabaseHandle = place["primary"]
    yield handle
    if "engine" in vars(handle):
        handle.engine.dispose()


def add_pending(project: Project) -> None:
    (project.folder / "migrations/primary/0002_t.sql").write_text(SECOND)


# -- sessions -----------------------------------------------------------------------------------------------------


def application(handle: DatabaseHandle, **options: Any) -> FastAPI:
    """An application with a request for each kind of session; ``/seen`` has the sessions that were injected."""
    app = FastAPI(**{"lifespan": lifespan(handle)} | options)
    app.state.sessions = []

    @app.post("/sync")
    def write(session: Annotated[Session, Depends(handle.session)]) -> int:
        app.state.sessions.append(session)
        session.execute(INSERT)
        session.commit()
        return int(session.execute(COUNT).scalar_one())

    @app.post("/fails")
    def fails(session: Annotated[Session, Depends(handle.session)]) -> None:
        app.state.sessions.append(session)
        session.execute(INSERT)
        raise LookupError("after the statement")

    @app.get("/async")
    async def read(session: Annotated[AsyncSession, Depends(handle.async_session)]) -> int:
        app.state.sessions.append(session)
        return int((await session.execute(COUNT)).scalar_one())

    @app.post("/async-fails")
    async def async_fails(session: Annotated[AsyncSession, Depends(handle.async_session)]) -> None:
        app.state.sessions.append(session)
        await session.execute(INSERT)
        raise LookupError("after the statement")

    return app


def in_use(handle: DatabaseHandle) -> int:
    """Connections that sessions have not given back."""
    pools = [handle.engine.pool, handle.async_engine.pool]
    return sum(pool.checkedout() for pool in pools if hasattr(pool, "checkedout"))


def test_fastapi_injects_sessions_and_closes_them(handle: DatabaseHandle) -> None:
    app = application(handle)
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/fails", "/async-fails"):
            assert client.post(path).status_code == 500
            assert client.get("/async").json() == 0, "what a failed request wrote is rolled back"
        assert client.post("/sync").json() == 1
        assert client.get("/async").json() == 1
        assert in_use(handle) == 0, "every session gave its connection back"
        assert "parameters" not in client.get("/openapi.json").json()["paths"]["/sync"]["post"]
    assert all(not session.in_transaction() for session in app.state.sessions)


def test_sessions_by_hand(handle: DatabaseHandle) -> None:
    with handle.session() as session:
        session.execute(INSERT)
        session.commit()
    with handle.session.begin() as session:
        assert session.execute(COUNT).scalar_one() == 1

    async def count() -> int:
        async with handle.async_session() as session:
            number = int((await session.execute(COUNT)).scalar_one())
        await handle.dispose()  # in the loop that opened the connection
        return number

    assert asyncio.run(count()) == 1


# -- the gate -----------------------------------------------------------------------------------------------------


@pytest.fixture
def simple(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/app.db")
    project.reach(MODELS)
    return project


@pytest.fixture
def simple_handle(simple: Project) -> Iterator[DatabaseHandle]:
    yield from handle_of(simple)


def test_an_application_does_not_start_on_an_old_schema(simple: Project, simple_handle: DatabaseHandle) -> None:
    add_pending(simple)
    with (
        pytest.raises(SchemaNotCurrent, match=r"1 pending: 0002_t\.sql"),
        TestClient(application(simple_handle, lifespan=lifespan(simple_handle))),
    ):
        raise AssertionError("it has started")
    dbwarden.migrate(config=simple.config)
    with TestClient(application(simple_handle, lifespan=lifespan(simple_handle))) as client:
        assert client.get("/async").json() == 0


def test_it_does_not_start_on_an_edited_migration(simple: Project, simple_handle: DatabaseHandle) -> None:
    (file,) = (simple.folder / "migrations/primary").iterdir()
    file.write_text(file.read_text().replace("VARCHAR(30)", "VARCHAR(31)"))
    with pytest.raises(SchemaNotCurrent, match="not as its files say"):
        require_up_to_date(simple_handle)


def test_processes_that_start_together_migrate_once(simple: Project, simple_handle: DatabaseHandle) -> None:
    add_pending(simple)
    reports: list[dbwarden.MigrateReport] = []
    threads = [threading.Thread(target=lambda: reports.extend(migrate_on_startup(simple_handle))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(report.migrations) for report in reports) == [0, 0, 0, 1]
    require_up_to_date(simple_handle)


def test_lifespan_migrates_if_asked(simple: Project, simple_handle: DatabaseHandle) -> None:
    add_pending(simple)
    with TestClient(application(simple_handle, lifespan=lifespan(simple_handle, migrate=True))) as client:
        assert client.get("/async").json() == 0
    assert dbwarden.status(config=simple.config).clean


# -- health -------------------------------------------------------------------------------------------------------


def test_health(simple: Project, simple_handle: DatabaseHandle, tmp_path: Path) -> None:
    check = SchemaHealthCheck(simple_handle, max_age=0)
    up = {"database": "primary", "state": "up_to_date", "version": "0001", "pending": 0}
    assert check().document() == {"status": "ok", "databases": [up]} and check().http_status == 200
    add_pending(simple)
    assert check().document()["databases"] == [{**up, "state": "behind", "pending": 1}] and check().http_status == 503
    dbwarden.migrate(config=simple.config)
    assert check().ok
    (simple.folder / "migrations/primary/0002_t.sql").unlink()
    assert check().databases[0].state == "inconsistent"
    config = Path(simple.config)
    config.write_text(config.read_text().replace("app.db", "no/such/folder/app.db"))
    health = check()
    assert health.databases[0].state == "unreachable" and "folder" not in str(health.document())


def test_an_answer_is_kept_for_a_while(simple: Project, simple_handle: DatabaseHandle) -> None:
    check = SchemaHealthCheck(simple_handle, max_age=60)
    assert check().ok
    add_pending(simple)
    assert check().ok, "the same answer"
    assert not SchemaHealthCheck(simple_handle, max_age=60)().ok


def test_health_in_fastapi_and_starlette(simple: Project, simple_handle: DatabaseHandle) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    check = SchemaHealthCheck(simple_handle, max_age=0)
    fast = FastAPI(lifespan=lifespan(simple_handle))
    fast.mount("/health/schema", check.asgi)
    star = Starlette(routes=[Mount("/health/schema", check.asgi)], lifespan=lifespan(simple_handle))
    for app in (fast, star):
        with TestClient(app) as client:
            answer = client.get("/health/schema")
            assert answer.status_code == 200 and answer.json()["status"] == "ok"
            assert answer.headers["cache-control"] == "no-store"
    add_pending(simple)
    assert TestClient(fast).get("/health/schema").status_code == 503


def test_litestar(simple_handle: DatabaseHandle) -> None:
    from litestar import Litestar, asgi, get
    from litestar.di import NamedDependency, Provide
    from litestar.testing import TestClient as LitestarClient

    def provide_session() -> Iterator[Session]:
        with simple_handle.session() as session:
            yield session

    async def provide_async_session() -> AsyncIterator[AsyncSession]:
        async with simple_handle.async_session() as session:
            yield session

    @get("/count", sync_to_thread=True)
    def count(session: NamedDependency[Session]) -> int:
        return int(session.execute(COUNT).scalar_one())

    @get("/async-count")
    async def async_count(async_session: NamedDependency[AsyncSession]) -> int:
        return int((await async_session.execute(COUNT)).scalar_one())

    app = Litestar(
        [
            count,
            async_count,
            asgi("/health/schema", is_mount=True, copy_scope=True)(SchemaHealthCheck(simple_handle).asgi),
        ],
        dependencies={
            "session": Provide(provide_session),
            "async_session": Provide(provide_async_session),
        },
        lifespan=[lifespan(simple_handle)],
        signature_namespace={"Session": Session, "AsyncSession": AsyncSession},
    )
    with LitestarClient(app) as client:
        assert client.get("/count").json() == client.get("/async-count").json() == 0
        assert client.get("/health/schema").json()["status"] == "ok"


def test_flask(simple: Project, simple_handle: DatabaseHandle) -> None:
    from flask import Flask
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    require_up_to_date(simple_handle)
    app = Flask("application")

    @app.get("/count")
    def count() -> dict[str, int]:
        with simple_handle.session() as session:
            return {"count": session.execute(COUNT).scalar_one()}

    check = SchemaHealthCheck(simple_handle, max_age=0)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/health/schema": check.wsgi})  # type: ignore[method-assign]
    client = app.test_client()
    assert client.get("/count").get_json() == {"count": 0}
    assert client.get("/health/schema").status_code == 200
    add_pending(simple)
    assert client.get("/health/schema").status == "503 Service Unavailable"
