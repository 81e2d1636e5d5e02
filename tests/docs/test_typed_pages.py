"""Pages are right as they stand: every command is typed, on every engine that the page names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.typed_pages import DOCS, Reader, typed_pages

PAGES = [
    pytest.param(path, engine, id=f"{path.relative_to(DOCS).with_suffix('')}-{engine}")
    for path, engine in typed_pages()
]


@pytest.mark.parametrize(("page", "engine"), PAGES)
def test_page(page: Path, engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    Reader(tmp_path, engine, request.getfixturevalue(f"{engine}_url")).read(page)
