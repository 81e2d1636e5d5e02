"""Requests to the application, on a database that the migrations made."""

from collections.abc import Iterator

import pytest
from app.main import app
from fastapi.testclient import TestClient

import dbwarden


@pytest.fixture
def client() -> Iterator[TestClient]:
    """The running application."""
    dbwarden.migrate()
    with TestClient(app) as client:
        yield client


def test_notes(client: TestClient) -> None:
    """A note that is written can be read, one by one and in the list."""
    note = client.post("/notes", json={"text": "hello"}).json()
    assert note["text"] == "hello"
    assert client.get(f"/notes/{note['id']}").json() == note
    assert note in client.get("/notes").json()
    assert client.get("/notes/0").status_code == 404


def test_health(client: TestClient) -> None:
    """The schema is what the migrations lead to."""
    assert client.get("/health/schema").json()["status"] == "ok"
