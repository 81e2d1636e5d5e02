"""Finding the one configuration, in both languages, with everything that can be wrong in a file."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden.config import Project, find, load
from dbwarden.errors import (
    FailedConfiguration,
    InvalidSetting,
    MissingConfiguration,
    MissingVariable,
    NoConfiguration,
    TwoConfigurations,
    UnknownSetting,
    UnreadableConfiguration,
)

Load = Callable[..., Project]
Write = Callable[[str, str], Path]

IMPORT = "from dbwarden.config import database_config\n"
PYTHON = IMPORT + 'primary = database_config(database_name="primary", database_url_sync="sqlite:///a.db")\n'
TOML = '[databases.primary]\ndatabase_url_sync = "sqlite:///a.db"\n'


# -- finding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("warden.py", PYTHON),
        ("warden.toml", TOML),
        (
            "pyproject.toml",
            '[project]\nname = "x"\n[tool.dbwarden.databases.primary]\ndatabase_url_sync = "sqlite:///a.db"\n',
        ),
        ("dbwarden.py", PYTHON),
    ],
)
def test_each_source_is_found_from_a_folder_below(root: Path, write: Write, name: str, text: str) -> None:
    write(name, text)
    below = root / "app" / "deep"
    below.mkdir(parents=True)
    project = load(cwd=below, environ={})
    assert project.root == root
    assert project.source == str(root / name)
    assert project.database().url() == f"sqlite:///{root}/a.db"


def test_the_nearest_folder_wins(root: Path, write: Write) -> None:
    write("warden.toml", TOML)
    write("inner/warden.py", PYTHON)
    assert find(None, cwd=root / "inner", environ={}).path == root / "inner" / "warden.py"


def test_the_search_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "warden.toml").write_text(TOML)
    inner = tmp_path / "repository" / "app"
    inner.mkdir(parents=True)
    (tmp_path / "repository" / ".git").write_text("gitdir: elsewhere\n")  # a worktree has a file there
    with pytest.raises(NoConfiguration) as refusal:
        load(cwd=inner, environ={})
    assert refusal.value.message == (
        "No configuration found. Looked for warden.py, warden.toml, [tool.dbwarden] in pyproject.toml (and dbwarden.py)"
        f" in {inner}, {inner.parent}"
    )
    assert "dbwarden init" in (refusal.value.hint or "")


@pytest.mark.parametrize(
    ("first", "second", "advice"),
    [
        ("warden.py", "warden.toml", ""),
        ("warden.toml", "pyproject.toml", ""),
        ("warden.py", "dbwarden.py", ", and rename dbwarden.py: it hides the package dbwarden"),
    ],
)
def test_two_sources_in_one_folder(root: Path, write: Write, first: str, second: str, advice: str) -> None:
    write(first, PYTHON)
    write(second, '[tool.dbwarden]\nsqlalchemy_url = "sqlite:///a.db"\n')
    with pytest.raises(TwoConfigurations) as refusal:
        load(cwd=root, environ={})
    assert refusal.value.message == f"Two configurations in one folder: {first} and {second} in {root}"
    assert refusal.value.hint == f"Keep one of them{advice}."


def test_a_pyproject_about_other_things_is_no_source(root: Path, write: Write) -> None:
    write("pyproject.toml", '[project]\nname = "x"\ndependencies = ["dbwarden"]\n')
    write("warden.toml", TOML)
    assert load(cwd=root, environ={}).source == "warden.toml"
    write("pyproject.toml", 'dependencies = ["dbwarden"\nbroken')
    assert load(cwd=root, environ={}).source == "warden.toml"


def test_named_by_option_or_variable(root: Path, write: Write) -> None:
    write("warden.toml", TOML)
    write("conf/one.toml", TOML.replace("a.db", "one.db"))
    write("conf/two.py", PYTHON.replace("a.db", "two.db"))
    one = load("conf/one.toml", cwd=root, environ={"DBWARDEN_CONFIG": "conf/two.py"})
    two = load(cwd=root, environ={"DBWARDEN_CONFIG": str(root / "conf" / "two.py")})
    assert one.database().url() == f"sqlite:///{root}/conf/one.db"
    assert two.database().url() == f"sqlite:///{root}/conf/two.db"
    assert two.source == "conf/two.py"
    assert load(cwd=root, environ={"DBWARDEN_CONFIG": ""}).source == "warden.toml"
    assert load(".", cwd=root, environ={}).source == "warden.toml"


def test_a_module_is_a_configuration(root: Path, write: Write) -> None:
    write("conf/__init__.py", "")
    write("conf/databases.py", IMPORT + "from . import names\n" + PYTHON.replace('"primary"', "names.NAME"))
    write("conf/names.py", 'NAME = "primary"\n')
    for _ in range(2):
        project = load("conf.databases", cwd=root, environ={})
        assert project.root == root
        assert project.source == "conf/databases.py"
        assert list(project.databases) == ["primary"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere.toml", "which does not exist"),
        ("nowhere/warden.py", "which does not exist"),
        ("no.such.module", "which is neither a file nor a module that can be imported from {root}"),
        ("notes.txt", "which is neither a .py nor a .toml file"),
        ("empty", "a folder without warden.py, warden.toml, pyproject.toml, dbwarden.py"),
    ],
)
def test_a_named_configuration_that_is_not_there(root: Path, write: Write, name: str, reason: str) -> None:
    write("notes.txt", "")
    (root / "empty").mkdir()
    for origin, config, environ in (("--config", name, {}), ("DBWARDEN_CONFIG", None, {"DBWARDEN_CONFIG": name})):
        with pytest.raises(MissingConfiguration) as refusal:
            load(config, cwd=root, environ=environ)
        assert refusal.value.message == f"{origin} names the configuration {name}, {reason.format(root=root)}"


# -- Python -------------------------------------------------------------------------------------------------------


def test_the_project_can_be_imported(root: Path, write: Write) -> None:
    write("app/__init__.py", "")
    write("app/names.py", 'NAME = "named"\n')
    write("warden.py", "from app.names import NAME\n" + PYTHON.replace('"primary"', "NAME"))
    assert load(cwd=root, environ={}).database().database_name == "named"
    assert str(root) in sys.path


def test_models_that_import_the_configuration_get_its_handles(root: Path, write: Write) -> None:
    write("warden.py", PYTHON)
    project = load(cwd=root, environ={})
    handle = importlib.import_module("warden").primary
    assert handle.settings is project.database()


def test_an_application_keeps_its_own_handles(root: Path, write: Write) -> None:
    write("warden.py", PYTHON)
    sys.path.insert(0, str(root))
    ours = importlib.import_module("warden")
    assert load(cwd=root, environ={}).database() == ours.primary.settings
    assert sys.modules["warden"] is ours


def test_declarations_in_imported_modules_count_in_every_load(root: Path, write: Write) -> None:
    write("app/__init__.py", "")
    write("app/databases.py", PYTHON)
    write("warden.py", "import app.databases\n")
    for _ in range(2):
        project = load(cwd=root, environ={})
        assert list(project.databases) == ["primary"]
        assert project.database().source == "app/databases.py:2"


def test_handles_that_are_imported_count_even_when_the_application_was_first(root: Path, write: Write) -> None:
    write("app/__init__.py", "")
    write("app/databases.py", PYTHON)
    write("warden.py", "from app.databases import primary\n")
    sys.path.insert(0, str(root))
    importlib.import_module("app.databases")
    assert list(load(cwd=root, environ={}).databases) == ["primary"]


def test_a_changed_file_is_read_again_at_once(root: Path, write: Write) -> None:
    for name in ("a.db", "b.db", "c.db"):
        write("warden.py", PYTHON.replace("a.db", name))
        assert load(cwd=root, environ={}).database().database_url_sync == f"sqlite:///{name}"
    assert not (root / "__pycache__").exists()


def test_dbwarden_py_is_loaded_under_another_name_with_advice(root: Path, write: Write) -> None:
    package = sys.modules["dbwarden"]
    write("dbwarden.py", PYTHON)
    project = load(cwd=root, environ={})
    assert sys.modules["dbwarden"] is package
    assert project.warnings == (
        "dbwarden.py hides the package dbwarden from programs that start in its folder: rename it to warden.py",
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x = 1\ny = undefined\n", "warden.py:2: NameError: name 'undefined' is not defined\n    y = undefined"),
        (
            "import no_such_thing\n",
            "warden.py:1: ModuleNotFoundError: No module named 'no_such_thing'\n    import no_such_thing",
        ),
        ("x = (\n", "warden.py:1: SyntaxError: '(' was never closed\n    x = ("),
        ("import app.broken\n", "app/broken.py:2: ZeroDivisionError: division by zero\n    1 / 0"),
        ("import app.syntax\n", "app/syntax.py:1: SyntaxError: invalid syntax\n    def\n".rstrip()),
        ("import json\njson.loads('{')\n", "warden.py:2: JSONDecodeError: "),
        ("import sys\nsys.exit(3)\n", "warden.py:2: SystemExit: 3\n    sys.exit(3)"),
        (
            IMPORT + 'database_config("primary")\n',
            "warden.py:2: TypeError: database_config() takes 0 positional arguments but 1 was given",
        ),
        (
            'url = connect("postgresql://u:s3cret@h/db")\n',
            "warden.py:1: NameError: name 'connect' is not defined\n    url = connect(\"postgresql://u:***@h/db\")",
        ),
        (
            'raise ValueError("bad postgresql://u:s3cret@h/db")\n',
            "warden.py:1: ValueError: bad postgresql://u:***@h/db\n",
        ),
    ],
)
def test_an_exception_in_the_users_code_names_their_line(root: Path, write: Write, body: str, message: str) -> None:
    write("app/__init__.py", "")
    write("app/broken.py", "# a comment\n1 / 0\n")
    write("app/syntax.py", "def\n")
    write("warden.py", body)
    with pytest.raises(FailedConfiguration) as refusal:
        load(cwd=root, environ={})
    assert refusal.value.message.startswith(message)
    assert "s3cret" not in refusal.value.message
    assert refusal.value.exit_code == 2
    assert "warden" not in sys.modules


def test_two_threads_load_their_own_projects(tmp_path: Path) -> None:
    lines: dict[int, list[str]] = {}

    def work(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / ".git").mkdir()
        (folder / "warden.py").write_text(
            "import time\n" + PYTHON.replace('"primary"', f'"db{number}"') + "time.sleep(0.01)\n"
        )
        lines[number] = [name for _ in range(3) for name in load(cwd=folder, environ={}).databases]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lines == {number: [f"db{number}"] * 3 for number in range(8)}


# -- TOML ---------------------------------------------------------------------------------------------------------


def test_tables_of_databases(toml: Load, root: Path) -> None:
    project = toml(
        """
        [databases.primary]
        default = true
        database_type = "postgresql"
        database_url_sync = "postgresql://app@h/main"
        model_paths = ["app.models"]
        lock_timeout = "5s"

        [databases.analytics]
        database_url_sync = "clickhouse://default:@h:8123/analytics"
        connect_timeout = 2
        """
    )
    assert project.database().database_name == "primary"
    assert project.database().lock_timeout == 5.0
    analytics = project.database("analytics")
    assert (analytics.database_type, analytics.connect_timeout) == ("clickhouse", 2.0)
    assert analytics.migrations_dir == root / "migrations" / "analytics"
    assert analytics.source == "warden.toml [databases.analytics]"


def test_the_older_flat_form_is_one_database_called_primary(toml: Load) -> None:
    database = toml(
        'sqlalchemy_url = "postgresql://app@h/main"\ndatabase_type = "postgresql"\n'
        'dev_database_type = "sqlite"\ndev_database_url = "sqlite:///./development.db"\nmodel_paths = ["app.models"]\n'
    ).database()
    assert (database.database_name, database.database_url_sync) == ("primary", "postgresql://app@h/main")
    assert (database.dev_database_type, database.model_paths) == ("sqlite", ("app.models",))


def test_tables_within_a_database(root: Path, write: Write) -> None:
    runners = 'x = "/opt/${TOOL} {table} {alter}"\n'
    for text in (
        f"{TOML}[databases.primary.runners]\n{runners}",
        f'sqlalchemy_url = "sqlite:///a.db"\n[runners]\n{runners}',
    ):
        write("warden.toml", text)
        assert load(cwd=root, environ={"TOOL": "tool"}).database().runners == (
            ("x", ("/opt/tool", "{table}", "{alter}")),
        )


def test_pyproject_takes_the_flat_form_too(loaded: Load) -> None:
    project = loaded({"pyproject.toml": '[tool.dbwarden]\nsqlalchemy_url = "sqlite:///a.db"\n'})
    assert project.database().source == "pyproject.toml [tool.dbwarden]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb = \n", "warden.toml:2:5: Invalid value"),
        ('a = "x', "warden.toml:1:7: Unterminated string"),
        ("a = 1\na = 2\n", "warden.toml:2:6: Cannot overwrite a value"),
    ],
)
def test_a_syntax_error_has_its_place(toml: Load, text: str, message: str) -> None:
    with pytest.raises(UnreadableConfiguration) as refusal:
        toml(text)
    assert refusal.value.message == message


def test_a_file_that_is_not_utf8(root: Path) -> None:
    (root / "warden.toml").write_bytes(b'a = 1\nb = "\xe4"\n')
    with pytest.raises(UnreadableConfiguration, match=r"^warden\.toml:2:6: the file is not UTF-8$"):
        load(cwd=root, environ={})


def test_a_byte_order_mark_does_no_harm(root: Path) -> None:
    (root / "warden.toml").write_bytes(b"\xef\xbb\xbf" + TOML.encode())
    assert load(cwd=root, environ={}).database().database_name == "primary"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            TOML + "lock_wiat = 3\n",
            "warden.toml [databases.primary]: unknown setting 'lock_wiat' of database 'primary'"
            "; did you mean 'lock_wait'?",
        ),
        (
            "database_type = 'sqlite'\n" + TOML,
            "warden.toml: unknown setting 'database_type'; a database's settings belong under [databases.<name>]",
        ),
        ("[database.primary]\nx = 1\n", "warden.toml [databases.primary]: unknown setting 'x' of database 'primary'"),
    ],
)
def test_unknown_keys(toml: Load, text: str, message: str) -> None:
    with pytest.raises(UnknownSetting) as refusal:
        toml(text)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[databases]]\nx = 1\n", "warden.toml: databases must be tables: [databases.primary]"),
        ("[databases]\nprimary = 'x'\n", "warden.toml: databases.primary must be a table"),
        (
            TOML + "database_name = 'other'\n",
            "warden.toml [databases.primary]: database_name must be 'primary', as in the table's name, or left out",
        ),
        (
            TOML + "model_paths = 'm'\n",
            "warden.toml [databases.primary]: model_paths of database 'primary' must be a list: write [\"m\"]",
        ),
    ],
)
def test_wrong_shapes(toml: Load, text: str, message: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        toml(text)
    assert refusal.value.message == message


# -- environment --------------------------------------------------------------------------------------------------


def test_references_to_the_environment(toml: Load) -> None:
    database = toml(
        '[databases.primary]\ndatabase_url_sync = "postgresql://app:${PW}@${HOST}/main"\n'
        'model_paths = ["${PACKAGE}.models"]\nlock_wait = "${WAIT}"\n',
        PW="s3cret",
        HOST="db",
        PACKAGE="app",
        WAIT="3",
    ).database()
    assert database.database_url_sync == "postgresql://app:s3cret@db/main"
    assert (database.model_paths, database.lock_wait) == (("app.models",), 3.0)


def test_references_work_in_python_too_and_can_be_escaped(python: Load) -> None:
    database = python(
        'database_config(database_name="primary", database_url_sync="${URL}", model_tables=["$${x}", "$5"])',
        URL="sqlite:///${NOT_AGAIN}.db",
    ).database()
    assert database.database_url_sync == "sqlite:///${NOT_AGAIN}.db"
    assert database.model_tables == ("${x}", "$5")


def test_a_missing_variable_is_named(toml: Load, python: Load, root: Path) -> None:
    with pytest.raises(MissingVariable) as refusal:
        toml('[databases.primary]\ndatabase_url_sync = "postgresql://app:${DB_PW}@h/main"\n')
    assert refusal.value.message == (
        "warden.toml [databases.primary]: database_url_sync needs the environment variable DB_PW, which is not set"
    )
    (root / "warden.toml").unlink()
    with pytest.raises(
        MissingVariable, match=r"^warden\.py:3: model_paths needs the environment variable X, which is not set$"
    ):
        python('database_config(database_name="a", model_paths=["${X}"])')


@pytest.mark.parametrize("value", ["${", "${}", "${A-B}", "${A:-b}", "x${A"])
def test_a_malformed_reference(python: Load, value: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        python(f'database_config(database_name="a", migrations_dir="{value}")', A="x")
    assert refusal.value.message == (
        "warden.py:3: migrations_dir has a ${ that is not a reference such as ${NAME}; a literal ${ is written $${"
    )


# -- cost ---------------------------------------------------------------------------------------------------------


def test_reading_the_configuration_imports_nothing_heavy(root: Path, write: Write) -> None:
    write("warden.py", PYTHON)
    script = (
        "import sys; from dbwarden.config import load; load().database().url();"
        "print([name for name in ('sqlalchemy', 'typer', 'rich', 'difflib', 'tomllib') if name in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert process.stdout == "[]\n"
