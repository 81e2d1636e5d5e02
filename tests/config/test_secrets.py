"""No password is printed, and a password may hold any character."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden.config import Database, load
from dbwarden.core.url import Url
from dbwarden.errors import ConfigurationError, InvalidUrl, ModelImportError

Write = Callable[[str, str], Path]


@pytest.mark.parametrize("secret", ["p%41w", "p@ss", "a@b/c", "a:b", "#?&=", "ä €", "plain"])
@pytest.mark.parametrize(
    "template", ["postgresql://app:${SECRET}@localhost/main", "postgresql://${SECRET}:x@localhost/main"]
)
def test_a_value_in_the_login_of_a_url_is_quoted(root: Path, write: Write, secret: str, template: str) -> None:
    write("warden.toml", f'[databases.primary]\ndatabase_url_sync = "{template}"\n')
    project = load(cwd=root, environ={"SECRET": secret})
    url = Url.parse(project.database().url())
    assert secret in (url.username, url.password)
    assert (url.host, url.database) == ("localhost", "main")


def test_elsewhere_it_is_put_in_as_it_is(root: Path, write: Write) -> None:
    write("warden.toml", '[databases.primary]\ndatabase_url_sync = "${ALL}"\nbackup_dir = "${DIR}/b"\n')
    project = load(cwd=root, environ={"ALL": "postgresql://a:p%40q@localhost/main", "DIR": "x@y"})
    assert Url.parse(project.database().url()).password == "p@q"
    assert project.database().backup_dir == root / "x@y" / "b"


@pytest.mark.parametrize("url", ["postgresql://app:p@tail/word@localhost/main", "postgresql://app:p@ta/il@word@h/main"])
def test_a_login_that_is_not_encoded_is_refused_without_its_tail(url: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        Database(database_name="primary", database_url_sync=url)
    assert "%40" in caught.value.message
    assert not any(part in caught.value.message for part in ("tail", "ta/il", "/word", "il@"))


URL = "postgresql://app:hunter2@localhost/main"


@pytest.mark.parametrize("setting", ["database_name", "lock_recovery", "lock_timeout", "model_paths", "default"])
def test_a_url_given_as_another_setting(setting: str) -> None:
    values = {"database_name": "primary", "database_url_sync": "sqlite:///x.db", setting: URL}
    with pytest.raises(ConfigurationError) as caught:
        Database(**values)  # type: ignore[arg-type]
    assert "hunter2" not in f"{caught.value.message} {vars(caught.value)} {caught.value.hint}"


def test_a_url_given_as_the_name_of_a_database(root: Path, write: Write) -> None:
    write("warden.toml", '[databases.primary]\ndatabase_url_sync = "sqlite:///x.db"\n')
    with pytest.raises(ConfigurationError) as caught:
        load(cwd=root, environ={}).database(URL)
    assert "hunter2" not in f"{caught.value.message} {vars(caught.value)}"


def test_a_module_of_models_that_fails(root: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    import dbwarden

    write(
        "warden.toml", '[databases.primary]\ndatabase_url_sync = "sqlite:///x.db"\nmodel_paths = ["broken_models.py"]\n'
    )
    write("broken_models.py", f'raise ValueError("cannot reach {URL}")  # {URL}\n')
    monkeypatch.chdir(root)
    with pytest.raises(ModelImportError) as caught:
        dbwarden.diff(options=dbwarden.CompareOptions(offline=True))
    assert "***" in caught.value.message and "hunter2" not in f"{caught.value.message} {vars(caught.value)}"


def test_older_spellings_of_several_databases(root: Path, write: Write) -> None:
    write(
        "warden.toml",
        '[database.primary]\ndefault = true\nsqlalchemy_url = "sqlite:///x.db"\n'
        '[database.other]\nsqlalchemy_url = "sqlite:///y.db"\n',
    )
    project = load(cwd=root, environ={})
    assert list(project.databases) == ["primary", "other"]
    assert project.database("other").database_url_sync == "sqlite:///y.db"
    write(
        "warden.toml",
        '[database.a]\nsqlalchemy_url = "sqlite:///x.db"\n[databases.b]\nsqlalchemy_url = "sqlite:///y.db"\n',
    )
    with pytest.raises(ConfigurationError, match="stands beside databases"):
        load(cwd=root, environ={})
