"""The handle, and declaring outside a load, as applications do."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import text

from dbwarden.config import database_config, declared
from dbwarden.config.template import template
from dbwarden.errors import InvalidSetting, MissingDriver, MissingVariable, UnknownSetting

HERE = Path(__file__).resolve()


def test_a_handle_works_for_an_application(tmp_path: Path) -> None:
    handle = database_config(database_name="application", database_url_sync=f"sqlite:///{tmp_path}/a.db")
    with handle.session() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    assert handle.engine is handle.engine
    assert handle.name == "application"
    handle.engine.dispose()


def test_a_handle_shows_no_password() -> None:
    handle = database_config(database_name="shown", database_url_sync="postgresql://app:s3cret@h/db")
    assert repr(handle) == "<database shown: postgresql://app:***@h/db>"
    assert "s3cret" not in repr(vars(handle))


def test_async_session_or_what_to_install(tmp_path: Path) -> None:
    if find_spec("psycopg") is not None and find_spec("greenlet") is None:
        with pytest.raises(MissingDriver) as refusal:
            _ = database_config(database_name="later", database_url_sync="postgresql://h/db").async_session
        assert refusal.value.hint == 'Install it: pip install "sqlalchemy[asyncio]"'
    handle = database_config(database_name="later", database_url_sync=f"sqlite:///{tmp_path}/a.db")
    if find_spec("aiosqlite") is None:
        with pytest.raises(MissingDriver) as refusal:
            _ = handle.async_session
        assert refusal.value.message == "No asynchronous driver for sqlite is installed (looked for aiosqlite)"
        assert refusal.value.hint == "Install it: pip install aiosqlite"
    elif find_spec("greenlet") is not None:
        assert handle.async_session is handle.async_session


def test_outside_a_load_the_callers_folder_is_the_root_and_a_name_may_come_again() -> None:
    database_config(database_name="again", database_url_sync="sqlite:///one.db")
    handle = database_config(database_name="again", database_url_sync="sqlite:///two.db")
    assert handle.settings.url() == f"sqlite:///{HERE.parent}/two.db"
    assert declared()["again"] is handle.settings


def test_outside_a_load_mistakes_name_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE.parent)
    monkeypatch.delenv("NO_SUCH_VARIABLE", raising=False)
    with pytest.raises(UnknownSetting, match=r"^test_declare\.py:\d+: unknown setting 'name'; did you mean"):
        database_config(name="primary")
    with pytest.raises(MissingVariable, match="needs the environment variable NO_SUCH_VARIABLE"):
        database_config(database_name="x", database_url_sync="${NO_SUCH_VARIABLE}")


# -- the file that init writes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("database_type", "url", "written"),
    [
        ("sqlite", "sqlite:///app.db", "sqlite:///app.db"),
        ("postgresql", "postgresql://app:s3cret@h/db", "postgresql://app:pw@h/db"),
        ("mysql", "mysql://app:${PW}@h/db", "mysql://app:other@h/db"),
        ("mariadb", "${URL}", "mariadb://h/db"),
        ("clickhouse", "clickhouse://h/d'b", "clickhouse://h/d'b"),
    ],
)
def test_the_template_is_a_valid_configuration(
    loaded: Callable[..., object], root: Path, database_type: str, url: str, written: str
) -> None:
    source = template(database_type, url)
    assert "s3cret" not in source
    project = loaded({"warden.py": source}, DATABASE_PASSWORD="pw", PW="other", URL="mariadb://h/db")
    database = project.database()  # type: ignore[attr-defined]
    assert (database.database_type, database.database_url_sync) == (database_type, written)
    assert database.model_paths == ("app.models",)
    assert database.default


def test_the_commented_settings_of_the_template_are_valid_too(loaded: Callable[..., object]) -> None:
    source = (
        template("postgresql", "postgresql://h/db")
        .replace("    # dev_", "    dev_")
        .replace("    # lock_timeout", "    lock_timeout")
    )
    database = loaded({"warden.py": source}).database()  # type: ignore[attr-defined]
    assert (database.dev_database_type, database.lock_timeout) == ("sqlite", 5.0)


def test_the_template_refuses_an_unknown_type() -> None:
    with pytest.raises(InvalidSetting, match="did you mean 'postgresql'"):
        template("postgres", "postgres://h/db")


def test_an_application_can_import_its_configuration(root: Path, write: Callable[[str, str], Path]) -> None:
    write("warden.py", template("sqlite", "sqlite:///app.db"))
    sys.path.insert(0, str(root))
    primary = importlib.import_module("warden").primary
    assert primary.settings.url() == f"sqlite:///{root}/app.db"
