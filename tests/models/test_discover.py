"""Which modules are imported, which MetaData counts, and what is said when nothing does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dbwarden.errors import (
    ConfigurationError,
    ModelConflict,
    ModelImportError,
    ModelPathError,
    NoModels,
    UnknownModelTable,
)
from dbwarden.models.discover import Discovered, discover

from .conftest import Files

BASE = """
    from sqlalchemy.orm import DeclarativeBase
    class Base(DeclarativeBase): pass
"""


def model(name: str, base: str = "app.base") -> str:
    return f"""
    from sqlalchemy.orm import Mapped, mapped_column
    from {base} import Base
    class {name.title()}(Base):
        __tablename__ = "{name}"
        id: Mapped[int] = mapped_column(primary_key=True)
"""


APP = {
    "app/__init__.py": "",
    "app/base.py": BASE,
    "app/models/__init__.py": "",
    "app/models/user.py": model("users"),
    "app/models/more/__init__.py": "",
    "app/models/more/post.py": model("posts"),
    "app/models/plain/note.py": model("notes"),
    "app/models/__main__.py": "raise RuntimeError('a program')",
}


def tables(discovered: Discovered) -> set[str]:
    return {table.fullname for table in discovered.tables}


def test_a_package_is_walked_with_its_subpackages_and_namespace_packages(files: Files) -> None:
    discovered = discover(["app.models"], files(APP))
    assert tables(discovered) == {"users", "posts", "notes"}
    assert discovered.modules == (
        "app.models", "app.models.more", "app.models.more.post", "app.models.plain", "app.models.plain.note",
        "app.models.user",
    )  # fmt: skip
    assert len(discovered.metadatas) == 1


@pytest.mark.parametrize("path", ["app/models/user.py", "./app/models/user.py", "app.models.user"])
def test_a_file_inside_a_package_has_its_package_name(files: Files, path: str) -> None:
    assert discover([path], files(APP)).modules == ("app.models.user",)


def test_a_folder_and_a_module_name_lead_to_the_same_modules(files: Files) -> None:
    root = files(APP)
    discovered = discover(["./app/models/", "app.models", "app/models/user.py"], root)
    assert tables(discovered) == {"users", "posts", "notes"}
    assert len(discovered.metadatas) == 1
    assert len(discovered.modules) == len(set(discovered.modules))


def test_a_file_without_a_package_below_the_root_has_the_name_that_others_import_it_by(files: Files) -> None:
    root = files({"tables.py": BASE + model("a", "tables").replace("from tables import Base", ""),
                  "extra.py": "from tables import *"})  # fmt: skip
    discovered = discover(["tables.py", "extra.py"], root)
    assert discovered.modules == ("tables", "extra")
    assert len(discovered.metadatas) == 1


def test_a_file_outside_the_import_path_is_imported_under_a_name_of_its_own(files: Files) -> None:
    elsewhere = files({"my-models.py": "from sqlalchemy import *\nt = Table('t', MetaData())"}, root="elsewhere")
    discovered = discover([str(elsewhere / "my-models.py")], files({"x.py": ""}))
    assert tables(discovered) == {"t"}
    assert discovered.modules[0].endswith("_my-models")


def test_a_package_in_a_source_folder_is_found_by_its_path(files: Files) -> None:
    root = files({f"src/{name}": source for name, source in APP.items()})
    assert discover(["src/app/models/user.py"], root).modules == ("app.models.user",)


def test_a_module_that_reexports_models_counts_as_theirs(files: Files) -> None:
    root = files({**APP, "app/all.py": "from app.models.user import Users as Person"})
    assert tables(discover(["app.all"], root)) == {"users"}


def test_a_module_that_imports_modules_with_models_counts_as_theirs(files: Files) -> None:
    gathering = "import sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\nfrom app.models import user\n"
    discovered = discover(["app.all"], files({**APP, "app/all.py": gathering}))
    assert tables(discovered) == {"users"} and discovered.modules == ("app.all",)
    assert len(discovered.registries) == 1


def test_tables_of_indirectly_imported_modules_belong(files: Files) -> None:
    root = files({**APP, "app/all.py": "from app.base import Base\nimport app.models.more.post, app.models.user"})
    assert tables(discover(["app.all"], root)) == {"users", "posts"}


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import *\nmetadata = MetaData()\nTable('t', metadata)",
        "from sqlalchemy import *\nt = Table('t', MetaData())",
        "from sqlalchemy import *\nfrom sqlalchemy.orm import registry\nr = registry()\nTable('t', r.metadata)",
        "from sqlalchemy import *\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\n"
        "Table('t', Base.metadata)",
        "from sqlalchemy import *\nfrom sqlalchemy.orm import registry\nclass T: pass\n"
        "registry().map_imperatively(T, Table('t', MetaData(), Column('id', Integer, primary_key=True)))",
    ],
    ids=["metadata", "table", "registry", "base", "imperative"],
)
def test_everything_that_holds_metadata_is_found(files: Files, source: str) -> None:
    assert tables(discover(["m"], files({"m.py": source}))) == {"t"}


def test_objects_that_dislike_to_be_asked_are_not_asked(files: Files) -> None:
    source = """
    from sqlalchemy import *
    class Proxy:
        @property
        def __class__(self): raise RuntimeError("outside of a request")
        def __getattr__(self, name): raise RuntimeError("outside of a request")
    class Meta(type):
        def __getattr__(cls, name): raise RuntimeError(name)
    class Odd(metaclass=Meta): pass
    proxy = Proxy()
    t = Table("t", MetaData())
    """
    assert tables(discover(["m"], files({"m.py": source}))) == {"t"}


def test_several_metadata_are_kept_apart(files: Files) -> None:
    root = files({"m.py": "from sqlalchemy import *\na = Table('a', MetaData())\nb = Table('b', MetaData())"})
    discovered = discover(["m"], root)
    assert len(discovered.metadatas) == 2
    assert tables(discovered) == {"a", "b"}


def test_mappers_are_not_configured(files: Files) -> None:
    source = """
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
    class Base(DeclarativeBase): pass
    class A(Base):
        __tablename__ = "a"
        id: Mapped[int] = mapped_column(primary_key=True)
        missing = relationship("NotDefinedYet")
    """
    assert tables(discover(["unmapped"], files({"unmapped.py": source}))) == {"a"}
    sys.modules["unmapped"].Base.registry.dispose()  # otherwise the broken mapper would fail later tests of the process


# -- model_tables


def test_model_tables_selects_by_name_and_schema(files: Files) -> None:
    source = "from sqlalchemy import *\nm = MetaData()\nTable('log', m, schema='audit')\nTable('log', m)\nTable('x', m)"
    discovered = discover(["m"], files({"m.py": source}), model_tables=["audit.log", "x"])
    assert tables(discovered) == {"audit.log", "x"}


def test_a_name_in_model_tables_that_matches_nothing_is_an_error_with_the_nearest(files: Files) -> None:
    root = files(APP)
    with pytest.raises(UnknownModelTable) as error:
        discover(["app.models"], root, model_tables=["users", "pots"])
    assert "'pots'" in error.value.message
    assert "'users'" not in error.value.message
    assert (error.value.hint or "").startswith("Nearest: posts")
    assert error.value.exit_code == 2


# -- conflicts


def test_two_metadata_may_define_a_table_alike_but_not_differently(files: Files) -> None:
    table = "from sqlalchemy import *\nt = Table('t', MetaData(), Column('id', {}))"
    root = files({"a.py": table.format("Integer"), "b.py": table.format("Integer"), "c.py": table.format("Text")})
    assert tables(discover(["a", "b"], root)) == {"t"}
    with pytest.raises(ModelConflict) as error:
        discover(["a", "c"], root)
    assert "(id Integer) in the MetaData of a" in error.value.message
    assert "(id Text) in the MetaData of c" in error.value.message


# -- errors


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("app.modls", "app.models"),
        ("apq", "app"),
        ("app/modls/user.py", "models"),
        ("app/models/usr.py", "user.py"),
        ("app/models/user", "user.py"),
        ("app.models.user.Users", "app.models.user"),
    ],
)
def test_a_path_that_leads_nowhere_names_what_is_near(files: Files, path: str, hint: str) -> None:
    with pytest.raises(ModelPathError) as error:
        discover([path], files(APP))
    assert repr(path) in error.value.message
    assert hint in (error.value.hint or "")
    assert error.value.exit_code == 2


def test_the_configuration_is_nobodys_models(files: Files) -> None:
    with pytest.raises(ModelPathError) as error:
        discover(["app.models"], files({"warden.py": "", "shop.py": ""}))
    assert error.value.hint == "Did you mean shop?"
    with pytest.raises(ModelPathError, match="no module 'app'") as error:
        discover(["app.models"], files({"warden.py": ""}) / "migrations")
    assert (error.value.hint or "").startswith("Set model_paths to the modules, files or folders")


def test_an_empty_folder_and_a_strange_name_lead_nowhere_too(files: Files) -> None:
    root = files({"app/readme.txt": ""})
    for path in ("./app", "app/readme.txt", "no such thing", ""):
        with pytest.raises(ModelPathError):
            discover([path], root)


def test_a_failing_import_shows_the_users_own_line(files: Files) -> None:
    root = files({**APP, "app/deep.py": "import json\n\njson.loads('{')\n", "app/views.py": "import app.deep\n"})
    with pytest.raises(ModelImportError) as error:
        discover(["app.views"], root)
    assert error.value.message.startswith("Cannot import app.views: JSONDecodeError: ")
    assert error.value.message.endswith("\n  app/deep.py:3: json.loads('{')")
    assert isinstance(error.value.__cause__, ValueError)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_package_at_all", "ModuleNotFoundError: No module named 'no_such_package_at_all'"),
        ("class A:\n  def (:\n", "SyntaxError: invalid syntax\n  app/bad.py:2: def (:"),
        ("raise SystemExit(3)", "SystemExit: 3\n  app/bad.py:1: raise SystemExit(3)"),
        ("1/0", "ZeroDivisionError: division by zero\n  app/bad.py:1: 1/0"),
        ("from app.base import Bse", "ImportError: cannot import name 'Bse'"),
    ],
)
def test_whatever_a_module_raises_is_reported(files: Files, source: str, message: str) -> None:
    with pytest.raises(ModelImportError) as error:
        discover(["app.bad"], files({**APP, "app/bad.py": source}))
    assert message in error.value.message
    assert "app/bad.py:" in error.value.message
    assert error.value.exit_code == 2


def test_a_missing_package_is_asked_after(files: Files) -> None:
    with pytest.raises(ModelImportError) as error:
        discover(["m"], files({"m.py": "import no_such_package_at_all.sub"}))
    assert "no_such_package_at_all installed" in (error.value.hint or "")


def test_a_module_that_is_not_there_is_told_from_one_whose_import_fails(files: Files) -> None:
    with pytest.raises(ModelImportError):
        discover(["app.models.user"], files({**APP, "app/models/__init__.py": "import app.models.nothing"}))


def test_a_module_without_models_is_an_error_that_says_what_a_model_is(files: Files) -> None:
    root = files({**APP, "app/views.py": "x = 1"})
    with pytest.raises(NoModels) as error:
        discover(["app.models", "app.views"], root)
    assert "'app.views'" in error.value.message
    assert "mapped classes" in (error.value.hint or "")
    assert isinstance(error.value, ConfigurationError)


@pytest.mark.parametrize(
    "source", [BASE, "from sqlalchemy import MetaData\nmetadata = MetaData()", "from app.base import Base"]
)
def test_a_base_or_metadata_without_tables_is_models(files: Files, source: str) -> None:
    discovered = discover(["app.empty"], files({"app/__init__.py": "", "app/base.py": BASE, "app/empty.py": source}))
    assert discovered.tables == ()
    assert len(discovered.metadatas) == 1


def test_a_module_that_imports_one_with_an_empty_base_leads_nowhere(files: Files) -> None:
    with pytest.raises(NoModels):
        discover(
            ["app.views"], files({"app/__init__.py": "", "app/base.py": BASE, "app/views.py": "from app import base"})
        )


@pytest.mark.parametrize("path", ["app", "app/"])
def test_an_alembic_environment_is_no_models(files: Files, path: str) -> None:
    environment = {
        "app/migrations/env.py": "from alembic import context\ncontext.config.x",
        "app/migrations/script.py.mako": "",
    }
    root = files({**APP, **environment, "app/migrations/versions/one.py": "1 / 0", "app/migrations/__init__.py": ""})
    assert tables(discover([path], root)) == {"users", "posts", "notes"}


def test_a_module_that_a_package_brings_along_and_that_fails_can_be_left_out(files: Files) -> None:
    root = files({**APP, "app/models/check.py": "1 / 0"})
    with pytest.raises(ModelImportError) as error:
        discover(["app.models"], root)
    assert error.value.hint == (
        "model_paths names all of app.models: to leave this module out, name those that hold the models, or one that"
        " imports them."
    )
    with pytest.raises(ModelImportError) as error:
        discover(["app.models.check"], root)
    assert error.value.hint is None


@pytest.mark.parametrize("paths", [["app.base", "app.models"], ["app.models", "app.base"]])
def test_a_base_may_be_named_beside_its_models_in_any_order(files: Files, paths: list[str]) -> None:
    assert tables(discover(paths, files(APP))) == {"users", "posts", "notes"}


def test_a_keyboard_interrupt_passes_through(files: Files) -> None:
    with pytest.raises(KeyboardInterrupt):
        discover(["m"], files({"m.py": "raise KeyboardInterrupt"}))


# -- one process, many calls


def test_discovering_twice_gives_the_same_objects(files: Files) -> None:
    root = files(APP)
    first, second = discover(["app.models"], root), discover(["app.models"], root)
    assert first == second
    assert first.metadatas[0] is second.metadatas[0]


def test_a_corrected_file_can_be_discovered_by_the_same_process(files: Files) -> None:
    broken = model("users") + "\n    1/0\n"
    root = files({**APP, "app/models/user.py": broken})
    with pytest.raises(ModelImportError):
        discover(["app.models"], root)
    files({"app/models/user.py": model("users") + "\n    # corrected\n"})
    assert tables(discover(["app.models"], root)) == {"users", "posts", "notes"}


def test_two_roots_with_modules_of_the_same_names_do_not_mix(files: Files) -> None:
    def project(name: str) -> Path:
        return files({"db.py": BASE, "models.py": model(name, "db")}, root=name)

    one, two = project("one"), project("two")
    first, second = discover(["models"], one), discover(["models.py"], two)
    assert (tables(first), tables(second)) == ({"one"}, {"two"})
    assert discover(["models"], one).metadatas[0] is first.metadatas[0]
    assert discover(["models"], two).metadatas[0] is second.metadatas[0]
    assert Path(sys.modules["models"].__file__ or "").parent == one


def test_the_import_path_is_left_as_it_was(files: Files) -> None:
    before = list(sys.path)
    discover(["app.models"], files(APP))
    assert sys.path == before
