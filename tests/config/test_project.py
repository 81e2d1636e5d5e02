"""Rules about several databases, each with its own refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden.config import Project
from dbwarden.errors import (
    DuplicateDatabase,
    DuplicateTarget,
    NoDatabase,
    NoDefault,
    OverlappingModels,
    TableClaimedTwice,
    TwoDefaults,
    UnknownDatabase,
    UnknownSetting,
)

Load = Callable[..., Project]


def two(first: str = "", second: str = "") -> str:
    return (
        f'a = database_config(database_name="a", database_url_sync="sqlite:///a.db", {first})\n'
        f'b = database_config(database_name="b", database_url_sync="sqlite:///b.db", {second})\n'
    )


def test_an_only_database_is_the_default(python: Load) -> None:
    project = python('database_config(database_name="only", database_url_sync="sqlite:///a.db")')
    assert project.database().database_name == "only"
    assert project.database("only") is project.default


def test_the_marked_database_is_the_default(python: Load) -> None:
    assert python(two(second="default=True")).database().database_name == "b"


def test_no_default_where_one_is_needed_lists_the_names(python: Load) -> None:
    project = python(two())
    assert project.default is None
    with pytest.raises(NoDefault) as refusal:
        project.database()
    assert refusal.value.message == "warden.py has several databases and none sets default=True: a, b"


def test_two_defaults(python: Load) -> None:
    with pytest.raises(TwoDefaults) as refusal:
        python(two("default=True", "default=True"))
    assert (
        refusal.value.message == "warden.py:4: 'a' and 'b' both set default=True; only one database can be the default"
    )


def test_an_unknown_database_gives_the_nearest_name(python: Load) -> None:
    project = python('database_config(database_name="primary", database_url_sync="sqlite:///a.db")')
    with pytest.raises(UnknownDatabase) as refusal:
        project.database("primry")
    assert refusal.value.message == (
        "There is no database 'primry' in warden.py (configured: primary); did you mean 'primary'?"
    )


def test_no_database(python: Load, toml: Load) -> None:
    with pytest.raises(NoDatabase, match=r"^warden\.py declares no database$"):
        python("")


def test_an_empty_file_declares_no_database(toml: Load) -> None:
    with pytest.raises(NoDatabase, match=r"^warden\.toml declares no database$"):
        toml("# nothing yet\n")


def test_a_name_declared_twice(python: Load) -> None:
    with pytest.raises(DuplicateDatabase) as refusal:
        python(two() + 'database_config(database_name="a", database_url_sync="sqlite:///c.db")')
    assert refusal.value.message == "warden.py:5: the database 'a' is declared twice, first at warden.py:3"


def test_two_databases_at_one_target(python: Load) -> None:
    with pytest.raises(DuplicateTarget) as refusal:
        python(
            'database_config(database_name="a", database_url_sync="postgresql://x:one@localhost/main")\n'
            'database_config(database_name="b", database_url_sync="postgres://y:two@127.0.0.1:5432/main")\n'
        )
    assert refusal.value.message == (
        "warden.py:4: database_url_sync of 'a' and database_url_sync of 'b' point at the same database: "
        "postgresql://x:***@localhost/main and postgres://y:***@127.0.0.1:5432/main"
    )


def test_a_database_and_its_own_dev_url_at_one_target(toml: Load) -> None:
    with pytest.raises(DuplicateTarget) as refusal:
        toml('sqlalchemy_url = "sqlite:///./a.db"\ndev_database_url = "sqlite:///a.db"')
    assert refusal.value.message == (
        "warden.toml: database_url_sync of 'primary' and dev_database_url of 'primary' point at the same database: "
        "sqlite:///./a.db and sqlite:///a.db"
    )


def test_a_sandbox_is_never_a_database_in_use(python: Load) -> None:
    with pytest.raises(DuplicateTarget, match="sandbox_url of 'b' point at the same"):
        python(two(second='sandbox_url="sqlite:///a.db"'))


def test_databases_may_share_a_sandbox_and_be_in_memory(python: Load) -> None:
    python(two('sandbox_url="sqlite:///box.db"', 'sandbox_url="sqlite:///box.db"'))
    python(two('dev_database_url="sqlite://"', 'dev_database_url="sqlite://"'))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("app.models", "app.models"),
        ("app", "app.models"),
        ("app.models", "app/models.py"),
        ("app/models/__init__.py", "app.models.users"),
        ("./app/", "app/models.py"),
    ],
)
def test_overlapping_model_paths(python: Load, first: str, second: str) -> None:
    with pytest.raises(OverlappingModels) as refusal:
        python(two(f'model_paths=["{first}"]', f'model_paths=["other", "{second}"]'))
    assert (
        refusal.value.message
        == f"warden.py:4: 'a' and 'b' read the same models: model_paths {first} and {second} overlap"
    )
    assert "overlap_models=True" in (refusal.value.hint or "")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('model_paths=["app.models"]', 'model_paths=["app.models_more"]'),
        ('model_paths=["m"], model_tables=["x"]', 'model_paths=["m"], model_tables=["y"]'),
        ('model_paths=["m"]', 'model_paths=["m"], overlap_models=True'),
        ('model_paths=["m"], model_tables=["x"]', 'model_paths=["m"], model_tables=["x"], overlap_models=True'),
        ("", 'model_paths=["m"]'),
    ],
)
def test_models_that_may_be_shared(python: Load, first: str, second: str) -> None:
    assert len(python(two(first, second)).databases) == 2


def test_a_split_needs_model_tables_on_both_sides(python: Load) -> None:
    with pytest.raises(OverlappingModels):
        python(two('model_paths=["m"], model_tables=["x"]', 'model_paths=["m"]'))


def test_a_table_in_two_splits(python: Load) -> None:
    with pytest.raises(TableClaimedTwice) as refusal:
        python(two('model_paths=["m"], model_tables=["x", "y"]', 'model_paths=["m"], model_tables=["y"]'))
    assert refusal.value.message == "warden.py:4: table 'y' is in the model_tables of 'a' and of 'b'"


def test_an_unknown_setting_gives_the_nearest(python: Load) -> None:
    with pytest.raises(UnknownSetting) as refusal:
        python('database_config(database_name="a", databse_type="sqlite")')
    assert refusal.value.message == (
        "warden.py:3: unknown setting 'databse_type' of database 'a'; did you mean 'database_type'?"
    )
    assert "Known settings: database_name, default," in (refusal.value.hint or "")


def test_the_older_name_of_the_url_is_pointed_out(python: Load) -> None:
    with pytest.raises(UnknownSetting, match=r"did you mean 'database_url_sync'\?$"):
        python('database_config(database_name="a", sqlalchemy_url="sqlite:///a.db")')


def test_projects_are_values(python: Load, root: Path) -> None:
    project = python(two("default=True"))
    assert project.root == root
    assert project.source == "warden.py"
    with pytest.raises(TypeError):
        project.databases["c"] = project.databases["a"]  # type: ignore[index]
