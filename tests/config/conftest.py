"""A throw-away project per test: its files are written, then loaded as the command line would."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbwarden.config import Project, load


@pytest.fixture(autouse=True)
def python_as_before() -> Iterator[None]:
    """Loading leaves modules and import paths behind, which the next test must not see."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.partition(".")[0] in ("warden", "app", "conf", "_dbwarden_configuration"):
            del sys.modules[name]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def write(root: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def loaded(root: Path, write: Callable[[str, str], Path]) -> Callable[..., Project]:
    """Write files, given by name, and load what they configure."""

    def loaded(files: dict[str, str], config: str | None = None, **environ: str) -> Project:
        for name, text in files.items():
            write(name, text)
        return load(config, cwd=root, environ=environ)

    return loaded


@pytest.fixture
def python(loaded: Callable[..., Project]) -> Callable[..., Project]:
    """Load a ``warden.py`` with this body."""

    def python(body: str, **environ: str) -> Project:
        return loaded({"warden.py": f"from dbwarden.config import database_config\n\n{body}"}, **environ)

    return python


@pytest.fixture
def toml(loaded: Callable[..., Project]) -> Callable[..., Project]:
    """Load a ``warden.toml`` with this text."""

    def toml(text: str, **environ: str) -> Project:
        return loaded({"warden.toml": text}, **environ)

    return toml
