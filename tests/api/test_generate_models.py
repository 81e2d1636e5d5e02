"""Models that are generated from a database: SQLAlchemy builds the same schema from them."""

from __future__ import annotations

import importlib.util
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

import dbwarden
from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.api.generate_models import GenerateOptions, GenerateReport
from dbwarden.core import kinds
from dbwarden.core.dialect import Scope
from dbwarden.core.sqltext import split
from dbwarden.errors import ModelsExist
from dbwarden.models.source.tables import TableSources
from tests.dialects.test_kinds import parts
from tests.servers import engine_url
from tests.servers.session import name_of
from tests.support.cases import FOLDER, PAIRS
from tests.support.column_order import without_order
from tests.support.dump import dump
from tests.support.effort import NIGHTLY
from tests.support.project import Project, create_all, metadata_of

SPELLED_OTHERWISE = ("indexes/expression_partial", "keys/nullable_integer")
"""Cases in which SQLite keeps a text that has more parentheses, or a NOT NULL that the key implies."""
_NUMBERS = itertools.count()
NAMES_ITS_COLUMNS = ("objects/views_of_mysql",)
"""Cases with a list of the columns of a view, which MySQL keeps and which says nothing."""
_EVERY = 1 if NIGHTLY else 4
_DECLARING = {case for case, _ in PAIRS if "dbwarden.objects" in (FOLDER / case / "after.py").read_text()}
_DECLARING |= {"tables/inheritance"}  # create_all does not know that a parent comes first
"""Cases with objects beside tables, or with parts of tables that SQLAlchemy has no construct for."""
_PAIRS = [(case, engine) for case, engine in PAIRS if engine != "clickhouse"]
RELATIONAL = [pair for pair in _PAIRS if pair[0] not in _DECLARING][::_EVERY]
DECLARED = [pair for pair in _PAIRS if pair[0] in _DECLARING][:: 1 if NIGHTLY else 3]
CLICKHOUSE = [case for case, engine in PAIRS if engine == "clickhouse"][::_EVERY]
SHOP = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(120) NOT NULL UNIQUE, manager_id INTEGER REFERENCES users (id));
CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users (id), title TEXT,
    editor_id INTEGER REFERENCES users (id));
CREATE TABLE tags (id INTEGER PRIMARY KEY, label VARCHAR(50) NOT NULL);
CREATE TABLE post_tags (post_id INTEGER NOT NULL REFERENCES posts (id), tag_id INTEGER NOT NULL REFERENCES tags (id),
    PRIMARY KEY (post_id, tag_id));
CREATE TABLE profiles (user_id INTEGER PRIMARY KEY REFERENCES users (id), date DATE, metadata TEXT);
CREATE TABLE log (at DATETIME, line TEXT);
"""
"""Every shape of relationship, names that Python or SQLAlchemy use, and a table without a key."""


def configured(folder: Path, url: str) -> str:
    """A configuration without models."""
    path = folder / "warden.py"
    path.write_text(
        "from dbwarden import database_config\n"
        f'database_config(database_name="primary", default=True, database_type="{url.partition(":")[0]}",\n'
        f'    database_url_sync="{url}")\n'
    )
    return str(path)


def generated(folder: Path, url: str, options: GenerateOptions | None = None) -> GenerateReport:
    return dbwarden.generate_models(config=configured(folder, url), options=options or GenerateOptions())


def imported(folder: Path, source: str) -> Any:
    """The module with this source, its mappers configured."""
    path = folder / f"generated_{next(_NUMBERS)}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.Base.registry.configure()
    return module


@pytest.mark.parametrize(("case", "database_url"), RELATIONAL, indirect=["database_url"])
def test_create_all_builds_the_same_schema(case: str, database_url: str, reference_url: str, tmp_path: Path) -> None:
    create_all(metadata_of((FOLDER / case / "after.py").read_text()), database_url)
    report = generated(tmp_path, database_url)
    assert report.source is not None
    assert report.differences == (), report.source
    assert report.left_out == ()
    create_all(imported(tmp_path, report.source).Base.metadata, reference_url)
    if case not in SPELLED_OTHERWISE or not database_url.startswith("sqlite"):
        assert dump(reference_url) == dump(database_url), report.source


@pytest.mark.parametrize(("case", "database_url"), DECLARED, indirect=["database_url"])
def test_the_models_declare_what_stands_beside_tables(
    case: str, database_url: str, reference_url: str, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project", database_url)
    project.reach((FOLDER / case / "after.py").read_text())
    report = generated(project.folder, database_url)
    assert report.source is not None
    assert report.differences == (), report.source
    assert report.left_out == ()
    Project(tmp_path / "again", reference_url).reach(report.source)
    if case not in NAMES_ITS_COLUMNS:
        assert dump(reference_url) == dump(database_url), report.source


@pytest.mark.parametrize("database_url", ["clickhouse"], indirect=True)
@pytest.mark.parametrize("case", CLICKHOUSE)
def test_models_of_clickhouse(case: str, database_url: str, reference_url: str, tmp_path: Path) -> None:
    """Types of the SQLAlchemy package, and clauses and objects by declarations."""
    project = Project(tmp_path / "project", database_url)
    project.reach((FOLDER / case / "after.py").read_text())
    report = generated(project.folder, database_url)
    assert report.source is not None
    assert report.differences == (), report.source
    assert report.left_out == (), report.source
    Project(tmp_path / "again", reference_url).reach(report.source)
    assert dump(reference_url) == dump(database_url), report.source


@pytest.mark.parametrize("database_url", ["clickhouse"], indirect=True)
def test_clauses_and_types_of_clickhouse(tmp_path: Path, database_url: str) -> None:
    """In a package that is formatted, with a class for each table whose sorting key is columns."""
    project = Project(tmp_path / "project", database_url)
    project.execute(
        "CREATE TABLE logs (at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)), kind LowCardinality(Nullable(String)), n"
        " Nullable(Decimal(18, 4)), tags Map(String, Array(UInt8)), pair Tuple(a UInt8, b String), `odd name` Enum8('a' = -1,"
        " 'it''s' = 2), d Dynamic, secret UInt8 EPHEMERAL, CONSTRAINT positive CHECK n > 0, CONSTRAINT known ASSUME n < 100)"
        " ENGINE = ReplacingMergeTree(at) PARTITION BY toYYYYMM(at) ORDER BY (at, `odd name`)"
        " TTL toDateTime(at) + toIntervalYear(1) SETTINGS index_granularity = 1024, max_suspicious_broken_parts = 5;"
        "CREATE TABLE raw (line String) ENGINE = Log;"
        "CREATE TABLE hashed (id UInt64) ENGINE = MergeTree ORDER BY cityHash64(id)"
    )
    target = project.folder / "models"
    report = generated(project.folder, database_url, GenerateOptions(target))
    assert (report.differences, report.left_out) == ((), ())
    assert (report.classes, set(report.tables)) == (("Log",), {"raw", "hashed"})
    for action in (["format", "--check"], ["check", "--select", "E,F,I,UP", "--ignore", "E501"]):
        command = [sys.executable, "-m", "ruff", *action, "--isolated", str(target)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=project.folder)
        assert done.returncode == 0, done.stdout
    text = (target / "logs.py").read_text()
    assert "kind: Mapped[str | None] = mapped_column(types.LowCardinality(types.Nullable(types.String)))" in " ".join(
        text.split()
    ).replace("( ", "(").replace(" )", ")")


SAMPLES = Path(__file__).parents[2] / "examples" / "schemas"
NOT_IN_SAMPLES = frozenset(
    (
        "role membership owner named_collection security_label foreign_server foreign_table publication publication_table"
        " publication_schema virtual_table shadow_table"
    ).split()
)
"""Kinds that belong to a whole server, need a program beside it, or are left alone."""
OF_ALL_DATABASES = {"clickhouse": {"function"}, "mysql": {"grant"}, "mariadb": {"grant"}}
"""Kinds that elsewhere belong to a database."""


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql", "mysql", "mariadb", "clickhouse"], indirect=True)
def test_a_sample_of_every_kind_becomes_models(database_url: str, reference_url: str, tmp_path: Path) -> None:
    """The schemas in ``examples``: no difference, nothing left out that can be declared, and the same schema from nothing."""
    engine = name_of(database_url)
    project = Project(tmp_path / "project", database_url)
    _run(database_url, (SAMPLES / f"{engine}.sql").read_text())
    report = generated(project.folder, database_url)
    assert report.source is not None
    assert report.differences == (), report.source
    assert _unused_kinds(database_url) == set()
    described = {kinds.title(kind) for kind in dialects.get(engine).features.described_definitions}
    assert [item for item in report.left_out if item.rpartition(" ")[0] in described] == []
    if not report.left_out:
        Project(tmp_path / "again", reference_url).reach(report.source)
        assert without_order(dump(reference_url)) == without_order(dump(database_url)), report.source


def _unused_kinds(url: str) -> set[str]:
    """The kinds of the engine of which the database has nothing."""
    with connect(url) as conn:
        dialect = dialects.get(name_of(url)).for_server(dialects.get(name_of(url)).server_of(conn))
        schema = dialect.inspect(conn, Scope((None, *dialect.namespaces(conn))))
    used = {kind for item in schema.objects() for kind in parts(item)}
    return (
        kinds.KINDS.keys() - used - dialect.features.lacks - NOT_IN_SAMPLES - OF_ALL_DATABASES.get(dialect.name, set())
    )


def _run(url: str, script: str) -> None:
    """Run a script in a session without settings of its own, which MySQL would keep with each routine."""
    engine = sa.create_engine(engine_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in split(script, dialects.get(name_of(url)).lexical_rules):
            connection.exec_driver_sql(statement.text, execution_options={"no_parameters": True})
    engine.dispose()


@pytest.fixture
def shop(tmp_path: Path, sqlite_url: str) -> Project:
    project = Project(tmp_path / "project", sqlite_url)
    project.execute(SHOP)
    return project


def test_relationships_lead_both_ways(shop: Project, tmp_path: Path) -> None:
    report = generated(shop.folder, shop.url)
    assert (report.classes, report.tables) == (("Post", "Profile", "Tag", "User"), ("log", "post_tags"))
    assert report.differences == () and report.source is not None
    models = imported(tmp_path, report.source)
    engine = sa.create_engine(shop.url, poolclass=sa.NullPool)
    with orm.Session(engine) as session:
        boss = models.User(id=1, email="boss")
        author = models.User(id=2, email="author", manager=boss, profile=models.Profile(metadata_="x"))
        post = models.Post(author=author, editor=boss, tags=[models.Tag(label="new")])
        session.add(post)
        session.commit()
        assert boss.users_by_manager == [author] and author.posts_by_author == [post] == boss.posts_by_editor
        assert post.tags[0].posts == [post] and author.profile.user is author
    engine.dispose()


def test_without_relationships_the_link_is_a_class(shop: Project, tmp_path: Path) -> None:
    report = generated(shop.folder, shop.url, GenerateOptions(relationships=False))
    assert "PostTag" in report.classes and report.source is not None and "relationship" not in report.source
    imported(tmp_path, report.source)


@pytest.mark.parametrize("output", ["models", "models.py"])
def test_files_are_formatted_and_lead_nowhere_else(shop: Project, output: str) -> None:
    target = shop.folder / output
    report = generated(shop.folder, shop.url, GenerateOptions(target))
    assert report.source is None and set(report.written) == set(target.glob("*.py") if target.is_dir() else [target])
    for action in (["format", "--check"], ["check", "--select", "E,F,I,UP"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *action, "--isolated", str(target)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
    shop.models("")
    config = Path(shop.config)
    config.write_text(config.read_text().replace("models_1.py", output))
    assert dbwarden.diff(config=str(config)).empty
    with pytest.raises(ModelsExist):
        generated(shop.folder, shop.url, GenerateOptions(target))
    generated(shop.folder, shop.url, GenerateOptions(target, overwrite=True))


def test_a_part_of_the_tables(shop: Project) -> None:
    options = GenerateOptions(tables=["p*", "users"], exclude_tables=["post_tags", "profiles"])
    report = generated(shop.folder, shop.url, options)
    assert (report.classes, report.differences) == (("Post", "User"), ())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_part_of_what_stands_beside_the_tables(tmp_path: Path, database_url: str) -> None:
    """A trigger comes with its table and its function, and a view only with all that it reads."""
    Project(tmp_path / "project", database_url).execute(
        "CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY);"
        "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER noted BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION noted();"
        "CREATE VIEW of_a AS SELECT id FROM a; CREATE VIEW of_view AS SELECT id FROM of_a;"
        "CREATE VIEW of_both AS SELECT id FROM of_view JOIN b USING (id);"
    )

    def names(**options: Any) -> set[str]:
        report = generated(tmp_path, database_url, GenerateOptions(**options))
        assert report.differences == () and report.left_out == () and report.source is not None
        return set(re.findall(r'^(?:View|Function|Trigger)\(\s*"(\w+)', report.source, re.MULTILINE))

    assert names(exclude_tables=["b"]) == {"noted", "of_a", "of_view"}
    assert names(tables=["a"]) == {"noted"}
    assert names(tables=["b", "of_*"]) == set()
    assert names(tables=["a", "b", "of_*"]) == {"noted", "of_a", "of_view", "of_both"}


def test_a_base_of_the_application(shop: Project) -> None:
    (shop.folder / "database.py").write_text(
        "from sqlalchemy.orm import DeclarativeBase\n\nclass Model(DeclarativeBase):\n    pass\n"
    )
    report = generated(shop.folder, shop.url, GenerateOptions(base="database:Model"))
    assert report.differences == () and report.source is not None
    assert "from database import Model as Base" in report.source and "DeclarativeBase" not in report.source


def test_what_the_models_lack_is_a_difference(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableSources, "_column_foreign_key", lambda *_: "sa.ForeignKey('users.email')")
    report = generated(shop.folder, shop.url, GenerateOptions(tables=["users"], relationships=False))
    assert any("users" in line for line in report.differences)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_types_of_the_database(tmp_path: Path, database_url: str, reference_url: str) -> None:
    project = Project(tmp_path / "project", database_url)
    project.execute(
        "CREATE TYPE mood AS ENUM ('glad', 'sad');\n"
        "CREATE DOMAIN positive AS integer CONSTRAINT above CHECK (VALUE > 0);\n"
        "CREATE TABLE a (id uuid PRIMARY KEY, m mood DEFAULT 'sad', n positive, path xml[], at time(3) with time zone);"
        "\nCREATE TABLE b (id bigint GENERATED ALWAYS AS IDENTITY (START 5) PRIMARY KEY, m mood[], p pg_lsn, j jsonb,"
        ' s text COLLATE "C", g integer GENERATED ALWAYS AS (1 + 1) STORED)'
    )
    report = generated(tmp_path, database_url)
    assert report.differences == () and report.left_out == () and report.source is not None
    create_all(imported(tmp_path, report.source).Base.metadata, reference_url)
    assert dump(reference_url) == dump(database_url), report.source
