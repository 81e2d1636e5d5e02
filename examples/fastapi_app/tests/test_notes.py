"""Requests to the application, each test on a database of its own, with the schema that the migrations lead to."""

from collections.abc import Iterator

import pytest
from app.main import app
from fastapi.testclient import TestClient
from warden import primary

from dbwarden import DatabaseHandle
from dbwarden.errors import SchemaNotCurrent
from dbwarden.web import SchemaHealthCheck


@pytest.fixture
def client(migrated_database: DatabaseHandle) -> Iterator[TestClient]:
    """The application on the database of the test."""
    app.dependency_overrides = {
        primary.session: migrated_database.session,
        primary.async_session: migrated_database.async_session,
    }
    yield TestClient(app)
    app.dependency_overrides = {}


def test_notes(client: TestClient) -> None:
    """A note that is written can be read, one by one and in the list."""
    note = client.post("/notes", json={"text": "hello"}).json()
    assert note == {"id": 1, "text": "hello"}
    assert client.get("/notes/1").json() == note
    assert client.get("/notes").json() == [note]
    assert client.get("/notes/2").status_code == 404


def test_every_test_begins_empty(client: TestClient) -> None:
    """What another test wrote is not there."""
    assert client.get("/notes").json() == []


def test_gate_and_health() -> None:
    """The application starts where the schema is up to date, and nowhere else."""
    if SchemaHealthCheck(primary)().ok:
        with TestClient(app) as client:
            assert client.get("/health/schema").json()["status"] == "ok"
    else:
        with pytest.raises(SchemaNotCurrent), TestClient(app):
            pass
