"""Settings of a fleet, and lists of its targets that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dbwarden.api.fleet_targets import fleet_targets, open_fleet
from dbwarden.config import load
from dbwarden.errors import ConfigurationError, EmptyFleet, InvalidSetting, InvalidTargets, NotAFleet
from tests.support.command import run

SCHEMAS = {"schemas_from": "x.txt", "database_url_sync": "postgresql://h/d"}
CONTROL = {"database_name": "control", "default": True, "database_url_sync": "sqlite:///control.db"}


def configure(folder: Path, *databases: dict[str, Any]) -> Path:
    calls = "".join(f"database_config(**{database!r})\n" for database in databases)
    (folder / "warden.py").write_text(f"from dbwarden import database_config\n{calls}")
    return folder / "warden.py"


def fleet(**settings: Any) -> dict[str, Any]:
    return {"database_name": "tenants", "database_type": "postgresql", **settings}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"urls_from": "SELECT dsn FROM tenants"}, "urls_from .*name the configured database that answers it as control_database"),
        ({"urls_from": "SELECT 1", "control_database": "contrl"}, "'contrl', which is not configured; did you mean 'control'"),
        ({"urls_from": "SELECT 1", "control_database": "tenants"}, "'tenants', which is a fleet itself"),
        ({"urls_from": "x.txt", "control_database": "control"}, "control_database .*is for a query"),
        ({"urls_from": "x.txt", "schemas_from": "y.txt"}, "schemas_from .*stands beside urls_from"),
        ({"urls_from": "x.txt", "shared_schemas": ["public"]}, "shared_schemas .*is for schemas_from"),
        ({"urls_from": "x.txt", "database_type": None}, "database_type .*is missing: urls_from alone"),
        ({"urls_from": "postgresql://a/b"}, "urls_from .*is a URL: write a list"),
        ({"urls_from": "env:2x"}, "urls_from .*must be env: and the name"),
        ({"urls_from": 3}, "urls_from .*must be a query, a file, env:NAME or a list, not int"),
        ({"urls_from": ["a", ""]}, "urls_from .*must be a list of text"),
        ({"schemas_from": "x.txt"}, "database_url_sync .*is missing"),
        ({**SCHEMAS, "history_schema": "audit"}, "history_schema .*does not go"),
        ({**SCHEMAS, "database_url_sync": "sqlite:///x.db", "database_type": "sqlite"}, "schemas_from .*is not for sqlite"),
        ({"database_url_sync": "postgresql://h/d", "reference_target": "a"}, "reference_target .*needs urls_from or schemas_from"),
        ({"urls_from": "x.txt", "database_type": "clickhouse", "cluster": "c"}, "cluster .*does not go with a fleet"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSetting, match=words):
        load(str(configure(tmp_path, CONTROL, fleet(**settings))))


def test_targets_in_a_file_an_environment_variable_and_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", "p@ss")
    monkeypatch.setenv(
        "TENANTS", "acme=postgresql://h/a\n  globex=postgresql://h:5433/b?sslmode=require postgresql://h/c"
    )
    (tmp_path / "tenants.txt").write_text(
        "# the fleet\n\nacme = postgresql://app:${SECRET}@db1/a\npostgresql://db1/app\n postgresql://db2/app \npostgresql://db2/other\n"
    )
    configure(tmp_path, CONTROL, fleet(urls_from="tenants.txt"))
    opened = open_fleet("tenants")
    assert [target.name for target in opened.targets] == ["acme", "db1:5432/app", "db2:5432/app", "other"]
    assert opened.open(opened.targets[0]).database.database_url_sync == "postgresql://app:p%40ss@db1/a"
    assert opened.open(opened.targets[0]).label == "tenants@acme"
    configure(tmp_path, CONTROL, fleet(urls_from="env:TENANTS"))
    assert fleet_targets("tenants") == ("acme", "globex", "c")
    configure(tmp_path, CONTROL, fleet(urls_from=["postgresql://h/a", "two=postgresql://h/b"]))
    assert fleet_targets("tenants") == ("a", "two")
    configure(
        tmp_path,
        CONTROL,
        {**fleet(), "database_type": "mysql", "database_url_sync": "mysql://u:pw@h/x", "schemas_from": ["acme"]},
    )
    opened = open_fleet("tenants")
    assert opened.open(opened.targets[0]).database.database_url_sync == "mysql://u:pw@h/acme", "a schema is a database"


def test_lists_that_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def problem(kind: type[ConfigurationError], **settings: Any) -> str:
        configure(tmp_path, CONTROL, fleet(**settings))
        with pytest.raises(kind) as raised:
            open_fleet("tenants")
        assert "hunter2" not in str(raised.value)
        return str(raised.value)

    assert "urls_from is empty" in problem(EmptyFleet, urls_from=[])
    assert "TENANTS is not set" in problem(EmptyFleet, urls_from="env:TENANTS")
    monkeypatch.setenv("TENANTS", " \n")
    assert "TENANTS is empty" in problem(EmptyFleet, urls_from="env:TENANTS")
    assert "tenants.txt cannot be read (No such file" in problem(EmptyFleet, urls_from="tenants.txt")
    (tmp_path / "tenants.txt").write_text("# nobody yet\n")
    assert "tenants.txt is empty" in problem(EmptyFleet, urls_from="tenants.txt")
    (tmp_path / "tenants.txt").write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in problem(EmptyFleet, urls_from="tenants.txt")
    (tmp_path / "tenants.txt").write_text(
        "postgresql://app:hunter2@h/a\nnot a url hunter2@\nacme=mysql://app:hunter2@h/b\npostgresql+nope://app:hunter2@h/c\n"
    )
    words = problem(InvalidTargets, urls_from="tenants.txt")
    assert "3 of the targets of 'tenants' cannot be used" in words
    assert "tenants.txt:2: a URL looks like" in words
    assert "tenants.txt:3: database_type is postgresql, but the target is a URL for mysql: mysql://app:***@h/b" in words
    assert "tenants.txt:4: the driver 'nope' is not supported" in words
    (tmp_path / "tenants.txt").write_text(
        "a=postgresql://app:hunter2@h/a\nb=postgresql://H:5432/a\nb=postgresql://h/c\n"
    )
    words = problem(InvalidTargets, urls_from="tenants.txt")
    assert "tenants.txt:2: 'b' is the same target as 'a' (tenants.txt:1)" in words
    (tmp_path / "tenants.txt").write_text("b=postgresql://h/a\nb=postgresql://h/c\n")
    assert "tenants.txt:2: the name 'b' is that of another target (tenants.txt:1)" in problem(
        InvalidTargets, urls_from="tenants.txt"
    )
    words = problem(InvalidTargets, database_type="sqlite", urls_from=["sqlite://"])
    assert "entry 1 of urls_from: the target is a database in memory" in words
    with pytest.raises(NotAFleet, match=r"'control' is not a fleet.*fleets: tenants"):
        open_fleet("control")


def test_passwords_in_lists_are_masked(tmp_path: Path) -> None:
    configure(tmp_path, CONTROL, fleet(urls_from=["a=postgresql://app:hunter2@h/a"]))
    shown = run(tmp_path, "settings", "show", "tenants", "--verbose") + run(
        tmp_path, "settings", "show", "tenants", "--json"
    )
    assert "hunter2" not in shown and "postgresql://app:***@h/a" in shown
