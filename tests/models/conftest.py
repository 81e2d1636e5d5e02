"""Small projects of models on disk, and MetaData read for a dialect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import MetaData

from dbwarden import dialects
from dbwarden.core.dialect import Dialect
from dbwarden.core.model import Schema
from dbwarden.models.read import read

Files = Callable[..., Path]


@pytest.fixture(scope="session")
def postgresql() -> Dialect:
    return dialects.get("postgresql")


@pytest.fixture(scope="session")
def sqlite() -> Dialect:
    return dialects.get("sqlite")


@pytest.fixture(params=["postgresql", "sqlite"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return dialects.get(request.param)


@pytest.fixture
def schema(postgresql: Dialect) -> Callable[[MetaData], Schema]:
    """Reads a MetaData for PostgreSQL."""
    return lambda metadata: read([metadata], postgresql)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Writes ``{path: source}`` below a root of its own and returns the root."""

    def write(sources: dict[str, str], root: str = "project") -> Path:
        for name, source in sources.items():
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source), encoding="utf-8")
        return tmp_path / root

    return write
