"""A folder of migrations is read as it is and never written half."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from dbwarden.core.filename import file_name, parse_name
from dbwarden.core.sqltext import ANSI
from dbwarden.errors import FileFormatError, FileNameError, FolderError
from dbwarden.runtime import directory

from .conftest import powerless

TEXT = "-- upgrade\nSELECT 1;\n-- rollback\nSELECT 2;\n"


def _next(names: Sequence[str]) -> str:
    versions = [parse_name(name).version or 0 for name in names]
    return file_name(max(versions, default=0) + 1, f"by {os.getpid()}")


def test_read(tmp_path: Path) -> None:
    assert directory.read(tmp_path / "none", "primary", ANSI) == ()
    for name in ("0002_b.sql", "0001_a.sql", "RA__x.sql", ".0003_c.sql", "#0003_c.sql#", "0003_c.sql~", "notes.txt"):
        (tmp_path / name).write_text(TEXT)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "0004_d.sql").write_text(TEXT)
    files = directory.read(tmp_path, "primary", ANSI)
    assert [file.name for file in files] == ["0001_a.sql", "0002_b.sql", "RA__x.sql"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("0002_x.SQL", "0002_x.sql"),
        ("0002_x.sql.txt", "0002_x.sql"),
        ("0002_x.sql ", "0002_x.sql"),
        ("0002_x", "0002_x.sql"),
        ("0002-x.sql", "0002_x.sql"),
        ("0002 x.sql", "0002_x.sql"),
        ("primary__0002_x.Sql", "primary__0002_x.sql"),
        ("ra__grants.sql", "RA__grants.sql"),
        ("ROC__view.SQL", "ROC__view.sql"),
    ],
)
def test_a_name_that_comes_near_is_refused_with_the_one_that_was_meant(tmp_path: Path, name: str, meant: str) -> None:
    (tmp_path / name).write_text(TEXT)
    with pytest.raises(FileNameError) as caught:
        directory.read(tmp_path, "primary", ANSI)
    assert f"{name} is not the name of a migration: rename it to {meant}" in caught.value.message
    with pytest.raises(FileNameError):
        directory.write_new(tmp_path, _next, TEXT)


def test_a_version_may_have_any_number_of_digits(tmp_path: Path) -> None:
    (tmp_path / "2_x.sql").write_text(TEXT)
    assert [file.version for file in directory.read(tmp_path, "primary", ANSI)] == [2]


@pytest.mark.parametrize(
    "name", ["README.md", "0002_x.sql~", "0002_x.sql.orig", ".0002_x.sql.swp", "2024_notes.txt", "LICENSE"]
)
def test_other_files_may_lie_there(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXT)
    assert directory.read(tmp_path, "primary", ANSI) == ()


def test_a_folder_named_like_a_migration_is_named(tmp_path: Path) -> None:
    (tmp_path / "0005_folder.sql").mkdir()
    with pytest.raises(FolderError, match=r"0005_folder\.sql: it is named like a migration"):
        directory.read(tmp_path, "primary", ANSI)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "0001_a.sql"
    path.write_bytes(TEXT.encode() + b"-- \xc3\xa9 \xff\n")
    with pytest.raises(FileFormatError, match=r"0001_a.sql:5:6: byte 0xff is not UTF-8 \(offset 49 in the file\)"):
        directory.read(tmp_path, "primary", ANSI)
    path.write_bytes(TEXT.encode() + b"\0")
    with pytest.raises(FileFormatError, match="NUL"):
        directory.read(tmp_path, "primary", ANSI)
    path.rename(tmp_path / "what.sql")
    (tmp_path / "what.sql").write_text(TEXT)
    with pytest.raises(FileNameError, match=r"what\.sql"):
        directory.read(tmp_path, "primary", ANSI)
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError):
        directory.read(tmp_path / "file", "primary", ANSI)


def test_write_new(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    path = directory.write_new(folder, lambda names: "0001_x.sql", "é\r\n")
    assert path.read_bytes() == b"\xc3\xa9\r\n"
    with pytest.raises(FolderError, match=r"0001_x.sql exists already"):
        directory.write_new(folder, lambda names: "0001_x.sql", "other")
    assert os.listdir(folder) == ["0001_x.sql"]
    assert path.read_bytes() == b"\xc3\xa9\r\n"
    directory.replace(path, "new")
    assert path.read_text() == "new"
    assert os.listdir(folder) == ["0001_x.sql"]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError):
        directory.write_new(tmp_path / "file", _next, TEXT)
    with pytest.raises(FolderError):
        directory.write_new(tmp_path / "file" / "below", _next, TEXT)


def test_a_read_only_folder(public_folder: Path) -> None:
    with powerless(public_folder), pytest.raises(FolderError, match="Permission denied"):
        directory.write_new(public_folder, _next, TEXT)


def _write_some(folder: Path) -> None:
    for _ in range(10):
        directory.write_new(folder, _next, TEXT)


def test_processes_never_take_one_version(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_some, args=(tmp_path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    versions = [file.version for file in directory.read(tmp_path, None, ANSI)]
    assert versions == list(range(1, 31))
