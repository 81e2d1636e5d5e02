"""The models of real applications, installed from PyPI in an environment of their own, through the real command.

models -> file -> applied -> a second make-migrations finds nothing -> the schema equals ``metadata.create_all()`` -> rollback
leaves nothing but our tables -> applied again. Models reflected from such a database agree with it. A database that the
application has made goes along when every table of its models changes, and back.
"""

from __future__ import annotations

import os
import platform
import re
import site
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from filelock import FileLock

from tests.servers import TRANSACTIONAL, engine_url
from tests.servers.databases import Databases
from tests.servers.fixtures import need
from tests.servers.session import name_of
from tests.support.dump import dump
from tests.support.effort import NIGHTLY
from tests.support.reflected import reflected_source
from tests.support.zygote import zygote

ROOT = Path(__file__).resolve().parents[2]
ONLY_MYSQL = frozenset(("buildbot", "mailman"))
"""Those with keywords or types for SQLAlchemy's dialect ``mysql`` alone: on MariaDB they have URLs of ``mysql://``."""
GENERATED = [
    (name, engine)
    for at, name in enumerate(("jupyterhub", "optuna", "buildbot", "mailman"))
    for place, engine in enumerate(("postgresql", "mysql", "sqlite", "mariadb"))
    if NIGHTLY or (at < 2 and at == place % 2)
]
"""Applications whose databases become models again: each on every engine with ``make nightly``."""
ENVIRONMENT = ROOT / ".cache" / f"acceptance-{platform.python_version()}"
_MAILMAN = [
    f"mailman.model.{name}"
    for name in (
        "address autorespond bans bounce digests domain language listmanager mailinglist member message mime pending"
        " preferences requests template uid user workflow"
    ).split()
]
APPLICATIONS = {
    "buildbot": (["buildbot.db.model"], "from buildbot.db.model import Model as Base"),
    "jupyterhub": (["jupyterhub.orm"], "from jupyterhub.orm import Base"),
    "mailman": (_MAILMAN, f"import {', '.join(_MAILMAN)}\nfrom mailman.database.model import Model as Base"),
    "optuna": (["optuna.storages._rdb.models"], "from optuna.storages._rdb.models import BaseModel as Base"),
}
MODELS = ["mailman.database.model", *(module for modules, _ in APPLICATIONS.values() for module in modules)]
"""The modules that define tables, or the base of their classes."""


@pytest.fixture(scope="session")
def environment() -> Path:
    """The interpreter of an environment that holds the applications; made once, kept for the next run."""
    python = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
    ready = ENVIRONMENT / "ready"
    ENVIRONMENT.parent.mkdir(exist_ok=True)
    with FileLock(str(ENVIRONMENT) + ".lock"):
        ours = [str(ROOT / "src"), *site.getsitepackages(), *_added_paths()]
        mark = "\n".join([*APPLICATIONS, *ours, (ROOT / "pyproject.toml").read_text(encoding="utf-8")])
        if not ready.exists() or ready.read_text(encoding="utf-8") != mark:
            _install(python, ours)
            ready.write_text(mark, encoding="utf-8")
    return python


def _added_paths() -> list[str]:
    """Folders that path files of our own environment name."""
    own = site.getsitepackages()
    return [path for path in sys.path if "site-packages" in path and path not in own]


def _install(python: Path, ours: Sequence[str]) -> None:
    """The applications, with those of their dependencies that our own environment lacks or has in another version. Our project
    is not installed: building it, and what both need, would take longer than the applications."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", ENVIRONMENT], check=True)
    folder = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    (Path(folder) / "ours.pth").write_text("\n".join(ours) + "\n", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", *APPLICATIONS],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


class Application:
    """A project folder whose models are those of an installed application."""

    def __init__(self, python: Path, folder: Path, name: str, url: str) -> None:
        self.python, self.folder, self.url, self.engine = python, folder, url, url.partition(":")[0]
        if name in ONLY_MYSQL:
            self.url = re.sub("^mariadb:", "mysql:", url)
        modules, self.base = APPLICATIONS[name]
        self.models(*modules)

    def models(self, *modules: str) -> None:
        """Point the configuration at these models."""
        (self.folder / "warden.py").write_text(
            "from dbwarden import database_config\n"
            f'primary = database_config(database_name="primary", default=True, database_type="{self.engine}",\n'
            f'    database_url_sync="{self.url}", model_paths={list(modules)!r})\n'
        )

    def run(self, *argv: str) -> None:
        output, code = zygote(str(self.python), *MODELS).run(list(argv), self.folder, os.environ)
        assert code == 0, f"dbwarden {' '.join(argv)} ended with {code}\n{output}"

    def create_all(self, url: str) -> None:
        url = engine_url(self.of_their_dialect(url))
        code = (
            f"{self.base}\nimport sqlalchemy\n"
            f"engine = sqlalchemy.create_engine({url!r})\n"
            "Base.metadata.create_all(engine)\n"
        )
        output, ending = zygote(str(self.python), *MODELS).execute(code, self.folder, os.environ)
        assert ending == 0, output

    def of_their_dialect(self, url: str) -> str:
        """``url`` with the scheme under which SQLAlchemy reads these models."""
        return self.url.partition(":")[0] + ":" + url.partition(":")[2]

    def files(self) -> list[Path]:
        return sorted((self.folder / "migrations" / "primary").glob("*.sql"))


@pytest.fixture(scope="module")
def created(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Application]]:
    """``created(name, engine)``: an application with the database that it makes itself, which no test changes."""
    applications: dict[tuple[str, str], Application] = {}
    with ExitStack() as stack:

        def create(name: str, engine: str) -> Application:
            if (name, engine) not in applications:
                folder = tmp_path_factory.mktemp(f"{name}_{engine}")
                databases = stack.enter_context(closing(Databases(need(engine)))) if engine != "sqlite" else None
                url = databases.new() if databases else f"sqlite:///{folder / 'created.db'}"
                applications[name, engine] = Application(environment, folder, name, url)
                applications[name, engine].create_all(url)
            return applications[name, engine]

        yield create


@pytest.mark.parametrize("name", sorted(APPLICATIONS))
def test_real_models_round_trip(
    name: str, environment: Path, created: Callable[[str, str], Application], database_url: str, tmp_path: Path
) -> None:
    application = Application(environment, tmp_path, name, database_url)
    application.run("make-migrations", "first")
    assert len(application.files()) == 1
    application.run("migrate")
    application.run("make-migrations", "second")
    assert len(application.files()) == 1, "a second make-migrations found:\n" + application.files()[-1].read_text()

    expected = dump(created(name, name_of(database_url)).url)
    assert len(expected) > 10
    assert dump(database_url) == expected

    application.run("rollback")
    assert dump(database_url) == []
    application.run("migrate")
    assert dump(database_url) == expected


@pytest.mark.parametrize("name", sorted(APPLICATIONS))
@pytest.mark.parametrize("engine", TRANSACTIONAL)
def test_an_existing_database_is_adopted(
    name: str, engine: str, environment: Path, created: Callable[[str, str], Application], tmp_path: Path
) -> None:
    application = Application(environment, tmp_path, name, created(name, engine).url)
    application.run("make-migrations", "first")
    assert application.files() == []


@pytest.mark.parametrize(("name", "database_url"), GENERATED, indirect=["database_url"])
def test_generated_models_describe_the_database(
    name: str, environment: Path, created: Callable[[str, str], Application], database_url: str, tmp_path: Path
) -> None:
    """``generate-models`` compares what it writes and ends with 4 if anything differs; then ``diff`` agrees."""
    application = Application(environment, tmp_path, name, created(name, name_of(database_url)).url)
    application.models()
    application.run("generate-models", "--output", "generated")
    assert len(list((tmp_path / "generated").glob("*.py"))) > 5
    application.models("generated")
    application.run("diff", "--exit-code")


EVOLVED = """
import sqlalchemy as sa

{base}

metadata = Base.metadata
for number, (name, table) in enumerate(sorted(metadata.tables.items())):
    keyed = {{column.name for index in table.indexes for column in index.columns}}
    keyed |= {{column.name for constraint in table.constraints for column in getattr(constraint, "columns", ())}}
    texts = [c for c in table.columns if type(c.type) is sa.String and (c.type.length or 999) < 60 and c.name not in keyed]
    for column in texts[:1]:
        column.type = sa.String(column.type.length + 2)
    table.append_column(sa.Column("since", sa.DateTime))
    table.append_column(sa.Column("weight", sa.Integer, nullable=False, server_default="0"))
    if number % 2:
        sa.Index(f"ix_evolved_{{number}}", table.c.weight, table.c.since)
"""


@pytest.mark.parametrize("name", sorted(APPLICATIONS))
@pytest.mark.parametrize("database_url", ["mysql", "mariadb"], indirect=True)
def test_an_adopted_database_evolves(
    name: str, environment: Path, database_url: str, reference_url: str, tmp_path: Path
) -> None:
    """Every table gets columns, every second one an index, and a text becomes longer."""
    application = Application(environment, tmp_path, name, database_url)
    application.create_all(database_url)
    former = dump(database_url)

    (tmp_path / "evolved.py").write_text(EVOLVED.format(base=application.base))
    application.base = "import evolved as Base"
    application.create_all(reference_url)
    application.models("evolved.py")
    application.run("make-migrations", "evolved")
    application.run("migrate")
    assert dump(database_url) == dump(reference_url) != former
    application.run("make-migrations", "again")
    assert len(application.files()) == 1, application.files()[-1].read_text()
    application.run("rollback", "--force")
    assert dump(database_url) == former


@pytest.mark.parametrize("name", sorted(APPLICATIONS))
@pytest.mark.parametrize("engine", TRANSACTIONAL)
def test_reflected_models_agree_with_the_database(
    name: str, engine: str, environment: Path, created: Callable[[str, str], Application], tmp_path: Path
) -> None:
    application = Application(environment, tmp_path, name, created(name, engine).url)
    source = reflected_source(application.of_their_dialect(application.url))
    assert source.count("Table(") > 5 and ("nextval(" in source) == (engine == "postgresql")
    (tmp_path / "reflected.py").write_text(source)
    application.models("reflected.py")
    application.run("make-migrations", "first")
    assert application.files() == [], application.files()[0].read_text()
