"""One field is one setting: values, defaults, mistakes, and what is computed from the fields."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from dbwarden.config import SETTINGS, Database, database_config
from dbwarden.config.setting_kinds import seconds
from dbwarden.errors import InvalidName, InvalidSetting


def database(**settings: Any) -> Database:
    values = {
        "database_name": "primary",
        "database_url_sync": "sqlite:///a.db",
        "root": Path("/project"),
        "source": "warden.py:3",
    }
    return Database(**{**values, **settings})


def test_defaults() -> None:
    plain = database()
    assert plain.database_type == "sqlite"
    assert plain.migrations_dir == Path("/project/migrations/primary")
    assert plain.backup_dir == Path("/project/backups")
    assert plain.state_file == Path("/project/.dbwarden/primary/model_state.json")
    assert (plain.connect_timeout, plain.lock_wait, plain.lock_recovery) == (5.0, 10.0, "manual")
    assert plain.lock == "required"
    assert (plain.lock_timeout, plain.statement_timeout, plain.sandbox()) == (5.0, None, None)
    assert (plain.model_paths, plain.model_tables, plain.overlap_models) == ((), None, False)


def test_values_are_converted() -> None:
    full = database(
        model_paths=["app.models", "app.models", " app.more "],
        model_tables=["users"],
        migrations_dir="db/migrations",
        backup_dir=Path("/elsewhere"),
        lock_timeout="500ms",
        lock_wait="2min",
        lock_recovery="AUTO",
    )
    assert full.model_paths == ("app.models", "app.more")
    assert full.model_tables == ("users",)
    assert full.migrations_dir == Path("/project/db/migrations")
    assert full.backup_dir == Path("/elsewhere")
    assert (full.lock_timeout, full.lock_wait, full.lock_recovery) == (0.5, 120.0, "auto")


@pytest.mark.parametrize(
    ("written", "duration"),
    [
        (5, 5.0),
        (0.25, 0.25),
        ("10", 10.0),
        ("10s", 10.0),
        ("1.5 s", 1.5),
        ("500ms", 0.5),
        ("2min", 120.0),
        ("1h", 3600.0),
        (0, 0.0),
    ],
)
def test_durations(written: object, duration: float) -> None:
    assert seconds(written) == duration


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (
            "lock_timeout",
            "5 minutes",
            'must be a number of seconds or text such as "10s", "500ms", "2min", not \'5 minutes\'',
        ),
        ("lock_timeout", True, 'must be a number of seconds or text such as "10s", "500ms", "2min", not True'),
        ("lock_wait", -1, "must be a duration of zero or more, not -1"),
        ("lock_wait", float("inf"), "must be a duration of zero or more, not inf"),
        ("connect_timeout", 0, "must be longer than zero"),
        ("default", "yes", "must be true or false, not 'yes'"),
        ("model_paths", "app.models", 'must be a list: write ["app.models"]'),
        ("model_paths", 3, "must be a list of text, not 3"),
        ("model_tables", ["users", 3], "must be a list of text, but holds 3"),
        ("migrations_dir", 3, "must be text, not 3"),
        ("migrations_dir", " ", "must not be empty"),
        ("lock", "no", "must be one of required, none, not 'no'; did you mean 'none'?"),
        ("lock_recovery", "atuo", "must be one of manual, auto, not 'atuo'; did you mean 'auto'?"),
        (
            "database_type",
            "postgres",
            "must be one of sqlite, postgresql, mysql, mariadb, clickhouse, not 'postgres'; did you mean 'postgresql'?",
        ),
        ("database_url_sync", None, "is missing"),
        ("database_url_sync", {"password": "s3cret"}, "must be a URL as text, not dict"),
        ("dev_database_type", "sqlite", "needs a dev_database_url beside it"),
        ("cluster", "analytics", "is not for sqlite, which has no clusters with names"),
        ("backup_to", "Disk('b', '{name}')", "is not for sqlite, whose server saves no backups itself"),
        (
            "backup_to",
            "S3('u', 'key', 'geheim')",
            "must be Disk(...), File(...), S3(...) or AzureBlobStorage(...) with {name} for the name of each backup, such as"
            " Disk('backups', '{name}'), not 'S3'...",
        ),
        (
            "cluster",
            "my cluster",
            "must be a name of letters, digits, _, - and ., or a macro such as {cluster}, not 'my cluster'",
        ),
    ],
)
def test_a_wrong_value_is_explained(key: str, value: object, reason: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        database(**{key: value})
    assert refusal.value.message == f"warden.py:3: {key} of database 'primary' {reason}"
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize("name", ["analytics", "{cluster}", "blue-{region}.eu"])
def test_the_name_of_a_cluster_may_have_macros(name: str) -> None:
    assert database(database_url_sync="clickhouse://h/shop", cluster=f" {name} ").cluster == name


@pytest.mark.parametrize("name", ["1st", "my-db", "a b", "ä", "../x", "_x"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidName) as refusal:
        database(database_name=name)
    assert refusal.value.message == (
        f"warden.py:3: invalid database name '{name}': it must start with a letter and contain only letters, digits and"
        " underscores"
    )


@pytest.mark.parametrize(("name", "reason"), [(None, "is missing"), (3, "must be text, not 3")])
def test_a_name_is_required(name: object, reason: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        database(database_name=name)
    assert refusal.value.message == f"warden.py:3: database_name {reason}"


def test_every_setting_is_documented_with_type_and_default() -> None:
    rows = {setting.name: setting for setting in SETTINGS}
    assert all(row.documentation.endswith(".") and row.type for row in SETTINGS)
    assert [row.name for row in SETTINGS if row.required] == ["database_name"]
    assert (rows["connect_timeout"].type, rows["connect_timeout"].default) == ("duration", 5.0)
    assert rows["migrations_dir"].default == "migrations/<database_name>"
    assert rows["lock_recovery"].type == "one of manual, auto"


def test_the_signature_and_help_of_database_config_are_the_settings() -> None:
    assert list(inspect.signature(database_config).parameters) == [setting.name for setting in SETTINGS]
    assert all(setting.documentation in (database_config.__doc__ or "") for setting in SETTINGS)


def test_values_say_what_was_given_and_print_safely() -> None:
    values = {
        item.setting.name: item for item in database(database_url_sync="mysql://u:pw@h/db", model_paths=["m"]).values()
    }
    assert (values["database_url_sync"].value, values["database_url_sync"].configured) == ("mysql://u:***@h/db", True)
    assert (values["database_type"].value, values["database_type"].configured) == ("mysql", False)
    assert (values["model_paths"].value, values["model_paths"].configured) == (["m"], True)
    assert (values["migrations_dir"].value, values["migrations_dir"].configured) == (
        "/project/migrations/primary",
        False,
    )


def test_commands_of_runners() -> None:
    runners = {
        "gh-ost": "gh-ost '--alter={alter}' --table={table}  --execute",
        "mine": ["/opt/mine", "{table}", "{alter}"],
    }
    settings = database(runners=runners)
    assert settings.runners == (
        ("gh-ost", ("gh-ost", "--alter={alter}", "--table={table}", "--execute")),
        ("mine", ("/opt/mine", "{table}", "{alter}")),
    )
    (shown,) = (value for value in settings.values() if value.setting.name == "runners")
    assert shown.configured and shown.value == {
        "gh-ost": "gh-ost '--alter={alter}' '--table={table}' --execute",
        "mine": "/opt/mine '{table}' '{alter}'",
    }
    assert database().runners == () and hash(settings)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("gh-ost", "must be a table of commands by name"),
        ({"gh ost": "x {table} {alter}"}, "needs the name of a runner, such as gh-ost, not 'gh ost'"),
        ({"gh-ost": ""}, "has the command gh-ost, which must not be empty"),
        ({"gh-ost": 5}, "has the command gh-ost, which must be text or a list of text, not 5"),
        ({"gh-ost": "x '{table}"}, "has the command gh-ost, which cannot be split into words: No closing quotation"),
        ({"gh-ost": "x {table}"}, "has the command gh-ost, which needs the placeholder {alter}"),
        ({"gh-ost": "x {table} {alter} {hots}"}, "has the unknown placeholder {hots}; known are host, port"),
        ({"gh-ost": "x {table} {alter} --password={password}"}, "which must not hold {password}"),
    ],
)
def test_mistakes_in_commands_of_runners(value: object, reason: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        database(runners=value)
    assert reason in raised.value.message
