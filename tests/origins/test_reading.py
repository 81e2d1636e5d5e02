"""What configuration and files of other tools say, without running them, and what is refused with which advice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dbwarden import origins
from dbwarden.errors import DBWardenError, NoOrigin, OtherHistory, UnfinishedOrigin, UnreadableOrigin
from dbwarden.origins import dbmate, flyway
from dbwarden.origins.project import OriginProject
from tests.origins.tools import flyway_checksum

EXAMPLE = "driver://user:pass@localhost/dbname"
INI = "[alembic]\nscript_location = alembic\nprepend_sys_path = .\nsqlalchemy.url = {url}\n"


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def read(name: str, folder: Path, files: Mapping[str, str], **environ: str) -> OriginProject:
    return origins.read(name, written(folder, files), environ)


def refused(error: type[DBWardenError], name: str, folder: Path, files: Mapping[str, str], **environ: str) -> str:
    with pytest.raises(error) as raised:
        read(name, folder, files, **environ)
    return f"{raised.value.message} {raised.value.hint}"


def alembic(env: str, url: str = "sqlite:///app.db", **more: str) -> dict[str, str]:
    files = {"alembic.ini": INI.format(url=url), "alembic/env.py": env}
    return {**files, **{name.replace("__", "/") + ".py": text for name, text in more.items()}}


# -- Alembic


@pytest.mark.parametrize(
    ("env", "modules", "expected"),
    [
        ("from app.models import Base\ntarget_metadata = Base.metadata", ("app/models.py",), ("app.models",)),
        ("from app import models\ntarget_metadata = models.Base.metadata", ("app/models.py",), ("app.models",)),
        ("import app.models\ntarget_metadata = app.models.Base.metadata", ("app/models.py",), ("app.models",)),
        ("import app.models as m\ntarget_metadata = m.metadata", ("app/models.py",), ("app.models",)),
        # a base, and models that are imported for their effect; what env.py uses (settings) is none
        (
            "from app.db import Base\nfrom app.models import *\nfrom app.settings import settings\nimport app.more\n"
            "target_metadata = Base.metadata\nprint(settings.url)",
            ("app/db.py", "app/models.py", "app/settings.py", "app/more.py"),
            ("app.db", "app.more", "app.models"),
        ),
        ("import models\nmeta = models.Base.metadata\ntarget_metadata = meta", ("models.py",), ("models",)),
        (
            "from a import metadata as first\nfrom b import metadata as second\ntarget_metadata = [first, second]",
            ("a.py", "b.py"),
            ("a", "b"),
        ),
        # packages are walked
        ("from app import Base\nimport app.users\ntarget_metadata = Base.metadata", ("app/users.py",), ("app",)),
        ("target_metadata = None", (), ()),
        ("from app import make\ntarget_metadata = make()", (), ()),
    ],
)  # fmt: skip
def test_models_of_env_py(tmp_path: Path, env: str, modules: tuple[str, ...], expected: tuple[str, ...]) -> None:
    files = {**alembic(env), "app/__init__.py": "raise SystemExit", **dict.fromkeys(modules, "raise SystemExit")}
    project = read("alembic", tmp_path, files)
    assert project.model_paths == expected
    assert bool(project.notes) == (not expected)


def test_models_in_a_source_folder_are_named_by_their_path(tmp_path: Path) -> None:
    files = alembic("from app.models import Base\ntarget_metadata = Base.metadata")
    files["alembic.ini"] = files["alembic.ini"].replace("prepend_sys_path = .", "prepend_sys_path = src")
    project = read("alembic", tmp_path, {**files, "src/app/__init__.py": "", "src/app/models.py": ""})
    assert project.model_paths == ("src/app/models.py",)


@pytest.mark.parametrize(
    ("url", "env", "environ", "expected"),
    [
        ("postgresql+asyncpg://a@h/d", "", {}, ("postgresql+asyncpg://a@h/d", None)),
        ("postgresql://a:p%%40x@h/d", "", {}, ("postgresql://a:p%40x@h/d", None)),
        # the example that `alembic init` writes, and env.py that reads the environment
        (EXAMPLE, "import os\nurl = os.environ['DB']", {"DB": "mysql://h/d"}, ("mysql://h/d", "${DB}")),
        ("sqlite:///old.db", "set_main_option('sqlalchemy.url', os.getenv('DB'))", {"DB": "sqlite:///x"}, ("sqlite:///x", "${DB}")),
        # computed while it runs
        ("sqlite:///old.db", "config.set_main_option('sqlalchemy.url', settings.url)", {}, None),
        ("sqlite:///old.db", "engine = create_engine(settings.url)", {}, None),
        (EXAMPLE, "", {}, None),
        (EXAMPLE, "os.getenv('A'); os.getenv('B')", {"A": "mysql://h/d", "B": "mysql://h/e"}, None),
    ],
)  # fmt: skip
def test_url_of_alembic(
    tmp_path: Path, url: str, env: str, environ: dict[str, str], expected: tuple[str, str | None] | None
) -> None:
    project = read("alembic", tmp_path, alembic(env, url), **environ)
    address = (project.address.url, project.address.reference) if project.address else None
    assert address == expected
    assert bool(project.no_url) == (expected is None)


def test_settings_of_alembic_in_pyproject_and_the_version_table_of_env_py(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/db"\nversion_locations = ["one", "%(here)s/two"]\n',
        "db/env.py": 'SCHEMA = "ops"\ncontext.configure(version_table="changes", version_table_schema=SCHEMA)',
        "one/a.py": 'revision = "a"\ndown_revision = None\n',
        "two/b.py": 'revision = "b"\ndown_revision = ("a",)\n',
        "two/notes.py": "pass",
    }
    project = read("alembic", tmp_path, files)
    assert project.history is not None
    assert (project.history.table, project.history.schema) == ("changes", "ops")
    assert project.examine([{"version_num": "b"}]).applied == ("a.py", "b.py")
    assert project.examine([{"version_num": "a"}]).pending == ("b.py",)


def test_flask_migrate(tmp_path: Path) -> None:
    """Its file is in the folder of the migrations, and names neither this folder nor a URL."""
    files = {
        "migrations/alembic.ini": "[alembic]\n# file_template = x\n",
        "migrations/env.py": "config.set_main_option('sqlalchemy.url', get_engine_url())\ntarget_metadata = get_metadata()\n",
        "migrations/versions/a.py": 'revision = "a"\ndown_revision = None\n',
    }
    project = read("alembic", tmp_path, files)
    assert (project.configuration, project.no_url) == ("migrations/alembic.ini", "env.py sets it while it runs")
    assert project.model_paths == () and project.has_models
    assert "migrations/env.py:2: target_metadata is computed. Set model_paths in warden.py" in project.notes[0]
    assert project.examine([{"version_num": "a"}]).applied == ("a.py",)


def revisions(**parents: object) -> dict[str, str]:
    texts = {
        f"alembic/versions/{name}.py": f"revision = {name!r}\ndown_revision = {value!r}\n"
        for name, value in parents.items()
    }
    return {**alembic("target_metadata = None"), **texts}


@pytest.mark.parametrize(
    ("files", "versions", "message", "advice"),
    [
        (revisions(a=None, b="a", c="a"), ["b"], "the files have 2 heads\n    b.py\n    c.py", "alembic merge heads"),
        (revisions(a=None, b="a", c="a"), ["b", "c"], "the files have 2 heads", "alembic upgrade head"),
        (revisions(a=None), [], "its table has no version", "alembic stamp head"),
        (revisions(a=None), ["z"], "it is at z, of which there is no file here", "Check out the branch"),
        (revisions(b="gone"), ["b"], "b.py follows gone, of which there is no file", "alembic history"),
    ],
)
def test_half_done_states_of_alembic(
    tmp_path: Path, files: dict[str, str], versions: list[str], message: str, advice: str
) -> None:
    project = read("alembic", tmp_path, files)
    with pytest.raises(UnfinishedOrigin) as raised:
        project.examine([{"version_num": version} for version in versions])
    assert message in raised.value.message and advice in (raised.value.hint or "")


def test_what_is_not_a_project_of_alembic(tmp_path: Path) -> None:
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "alembic.ini").touch()
    assert "(but backend/alembic.ini)" in refused(NoOrigin, "alembic", tmp_path, {})
    assert "has no script_location" in refused(UnreadableOrigin, "alembic", tmp_path, {"alembic.ini": "[alembic]\n"})
    broken = {"alembic.ini": "[alembic]\nscript_location = %(nowhere)s\n"}
    assert "alembic.ini: script_location: Bad value substitution" in refused(
        UnreadableOrigin, "alembic", tmp_path, broken
    )
    assert "alembic.ini: File contains no section" in refused(
        UnreadableOrigin, "alembic", tmp_path, {"alembic.ini": "x"}
    )
    assert "has no env.py: alembic" in refused(
        UnreadableOrigin, "alembic", tmp_path, {"alembic.ini": INI.format(url="x")}
    )
    assert "alembic/env.py:1: is not Python" in refused(UnreadableOrigin, "alembic", tmp_path, alembic("def"))
    several = {**alembic(""), "alembic.ini": "[alembic]\nscript_location = alembic\ndatabases = a, b\n"}
    assert "several databases" in refused(UnreadableOrigin, "alembic", tmp_path, several)
    (tmp_path / "alembic.ini").write_bytes(b"[alembic]\nx = \xff")
    assert "alembic.ini: is not UTF-8" in refused(UnreadableOrigin, "alembic", tmp_path, {})


# -- Django

MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")'
ENGINE = '"ENGINE": "django.db.backends.postgresql"'


def django(settings: str, **more: str) -> dict[str, str]:
    return {"manage.py": MANAGE, "shop/settings.py": settings, **more}


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        (
            "from pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent.parent\n"
            'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}',
            {},
            ("sqlite:///db.sqlite3", None),
        ),
        (
            "import os\nBASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n"
            'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE_DIR, "a", "b.db")}}',
            {},
            ("sqlite:///{folder}/a/b.db", None),
        ),
        (
            f'DATABASES = {{"default": {{{ENGINE}, "NAME": "d", "USER": "u", "PASSWORD": "p@ss", "HOST": "h", "PORT": 5433,'
            ' "OPTIONS": make()}}',
            {},
            ("postgresql://u:p%40ss@h:5433/d", None),
        ),
        (
            f'DATABASES = {{"default": {{{ENGINE}, "NAME": config("NAME", default="d"), "USER": os.environ["U"],'
            ' "PASSWORD": os.getenv("PW"), "HOST": env("H", default="/run/pg")}}',
            {"U": "me", "PW": "a b"},
            ("postgresql://me:a%20b@/d?host=/run/pg", "postgresql://${U}:${PW}@/d?host=/run/pg"),
        ),
        ('DATABASES = {"default": dj_database_url.config(default="sqlite:///x.db")}', {}, ("sqlite:///x.db", None)),
        ('DATABASES = {"default": env.db("MY_URL")}', {"MY_URL": "mysql://h/d"}, ("mysql://h/d", "${MY_URL}")),
        (
            'DATABASES = {"default": {"ENGINE": "django.contrib.gis.db.backends.postgis", "NAME": "g", "USER": "u"}}',
            {},
            ("postgresql://u@/g", None),
        ),
        (
            'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "NAME": "g", "USER": "u", "HOST": "/run/my.sock"}}',
            {},
            ("mysql://u@/g?unix_socket=/run/my.sock", None),
        ),
    ],
)
def test_url_of_django(
    tmp_path: Path, settings: str, environ: dict[str, str], expected: tuple[str, str | None]
) -> None:
    project = read("django", tmp_path, django(settings), **environ)
    assert project.address is not None, project.no_url
    assert (project.address.url, project.address.reference) == (expected[0].format(folder=tmp_path), expected[1])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("DATABASES = load()", "shop/settings.py:1 would have to be executed"),
        ("X = 1", "shop/settings.py has no DATABASES"),
        ('DATABASES = {"other": {}}', "has no 'default'; it has other"),
        ('DATABASES = {}\nDATABASES["default"] = {}', "shop/settings.py:2 changes DATABASES"),
        ("if DEBUG:\n    DATABASES = {}", "shop/settings.py:1 decides on DATABASES while it runs"),
        (f'DATABASES = {{"default": {{{ENGINE}, "NAME": name()}}}}', "would have to be executed"),
        (f'DATABASES = {{"default": {{{ENGINE}, "NAME": os.environ["N"]}}}}', "NAME needs the environment variable N"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.oracle"}}', "is not an engine that is known here"),
        ('DATABASES = {"default": env.db()}', "takes it from the environment variable DATABASE_URL, which is not set"),
    ],
)
def test_settings_that_cannot_be_read_ask_for_the_url(tmp_path: Path, settings: str, reason: str) -> None:
    project = read("django", tmp_path, django(settings))
    assert project.address is None and reason in project.no_url


def test_migrations_of_django(tmp_path: Path) -> None:
    migration = "class Migration:\n    replaces = {}\n"
    files = {
        **django("X = 1"),
        "app/apps.py": 'class C(AppConfig):\n    name = "app"\n    label = "shop"\n',
        "app/migrations/__init__.py": "",
        "app/migrations/0001_initial.py": migration.format("[]"),
        "app/migrations/0002_more.py": migration.format("[]"),
        "app/migrations/0001_squashed.py": migration.format('[("shop", "0001_initial"), ("shop", "0002_more")]'),
        ".venv/lib/site-packages/x/migrations/__init__.py": "",
        ".venv/lib/site-packages/x/migrations/0001_initial.py": migration.format("[]"),
    }
    project = read("django", tmp_path, files)

    def rows(*names: str) -> list[dict[str, Any]]:
        return [{"app": "shop", "name": name} for name in names]

    both = project.examine([*rows("0001_initial", "0002_more"), {"app": "auth", "name": "0001_initial"}])
    assert (both.pending, both.unknown) == ((), ()) and "auth" in both.notes[0]
    assert project.examine(rows("0001_squashed")).pending == ()
    assert project.examine(rows("0001_initial")).pending == ("shop.0001_squashed", "shop.0002_more")
    assert project.examine(rows("0001_squashed", "0009_gone")).unknown == ("shop.0009_gone",)
    assert "manage.py is missing" in refused(NoOrigin, "django", tmp_path / "empty", {})


# -- yoyo


def test_yoyo(tmp_path: Path) -> None:
    ini = "[DEFAULT]\nsources = a b\ndatabase = postgresql://u:%(PGPASSWORD)s@h/d\nmigration_table = changes\n"
    files = {"yoyo.ini": ini, "a/1.sql": "", "a/1.rollback.sql": "", "b/2.py": "", "b/post-apply.py": "", "b/x.txt": ""}
    project = read("yoyo", tmp_path, files, PGPASSWORD="secret")
    assert project.address is not None and project.history is not None
    assert (project.address.reference, project.history.table) == ("postgresql://u:${PGPASSWORD}@h/d", "changes")
    state = project.examine([{"migration_id": "1"}, {"migration_id": "0"}])
    assert (state.applied, state.pending, state.unknown) == (("1.sql",), ("2.py",), ("0",))
    assert "yoyo.ini: database: Bad value substitution" in refused(UnreadableOrigin, "yoyo", tmp_path, files)
    assert "yoyo.ini is missing" in refused(NoOrigin, "yoyo", tmp_path / "empty", {})
    assert read("yoyo", tmp_path, {"yoyo.ini": "[DEFAULT]\ndatabase = oracle://x\n"}).no_url


# -- dbmate


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h:5432/d?sslmode=disable", "postgres://u:p@h:5432/d?sslmode=disable"),
        ("postgres://u@/d?socket=/run/pg&search_path=a,b", "postgres://u@/d?host=%2Frun%2Fpg&options=-csearch_path%3Da%2Cb"),
        ("mysql://u@/d?socket=/run/my.sock", "mysql://u@/d?unix_socket=%2Frun%2Fmy.sock"),
        ("sqlite:db/a.sqlite3", "sqlite:///db/a.sqlite3"),
        ("sqlite3:db/a%20b.sqlite3", "sqlite:///db/a b.sqlite3"),
        ("sqlite:/tmp/a.db", "sqlite:////tmp/a.db"),
        ("sqlite://tmp/a.db", "sqlite:////tmp/a.db"),
        ("sqlite:///tmp/a.db", "sqlite:////tmp/a.db"),
        ("bigquery://p/l/d", None),
        ("nonsense", None),
    ],
)  # fmt: skip
def test_urls_of_dbmate(url: str, expected: str | None) -> None:
    assert dbmate.translated(url) == expected


def test_dbmate(tmp_path: Path) -> None:
    files = {
        ".env": "# comment\nHOST=h # where\nexport DATABASE_URL='mysql://u:p#1@h/d'\nDBMATE_MIGRATIONS_TABLE=\"ops.done_$HOST\"\n",
        "db/migrations/1_a.sql": "",
        "db/migrations/2_b.sql": "",
        "db/migrations/readme.md": "",
    }
    project = read("dbmate", tmp_path, files)
    assert project.address is not None and project.history is not None
    assert (project.address.url, project.address.reference) == ("mysql://u:p#1@h/d", None)
    assert (project.history.table, project.history.schema) == ("done_h", "ops")
    state = project.examine([{"version": "1"}, {"version": "0"}])
    assert (state.applied, state.pending, state.unknown) == (("1_a.sql",), ("2_b.sql",), ("0",))
    with pytest.raises(OtherHistory, match="golang-migrate"):
        project.examine([{"version": 2, "dirty": False}])
    from_environment = read("dbmate", tmp_path, {}, DATABASE_URL="postgres://h/d").address
    assert from_environment is not None and from_environment.reference == "${DATABASE_URL}"
    assert "there is no folder db/migrations" in refused(NoOrigin, "dbmate", tmp_path / "empty", {})
    (tmp_path / ".env").unlink()
    assert "neither the environment nor .env has DATABASE_URL" in read("dbmate", tmp_path, {}).no_url


# -- Flyway


@pytest.mark.parametrize(
    ("jdbc", "expected"),
    [
        ("jdbc:postgresql://h:5433/d", "postgresql://u:p%2Fw@h:5433/d"),
        ("jdbc:postgresql:d", "postgresql://u:p%2Fw@/d"),
        ("jdbc:mariadb://h/d?useSSL=false", "mariadb://u:p%2Fw@h/d"),
        ("jdbc:p6spy:mysql://h/d", "mysql://u:p%2Fw@h/d"),
        ("jdbc:sqlite:data/a.db", "sqlite:///data/a.db"),
        ("jdbc:sqlite:/data/a.db", "sqlite:////data/a.db"),
        ("jdbc:oracle:thin:@h:1521:x", None),
        ("postgresql://h/d", None),
    ],
)
def test_urls_of_jdbc(jdbc: str, expected: str | None) -> None:
    assert flyway.translated(jdbc, "u", "p/w")[0] == expected


def test_configuration_of_flyway(tmp_path: Path) -> None:
    """Later files and the environment replace earlier ones."""
    files = {
        "conf/flyway.conf": "# c\nflyway.url=jdbc:mysql://old/d\nflyway.user = a\nflyway.sqlMigrationPrefix=X\nflyway.table=t\n",
        "flyway.toml": '[environments.prod]\nurl = "jdbc:mysql://h/${env.NAME}?useSSL=true"\n[flyway]\nenvironment = "prod"\n'
        'locations = ["filesystem:a", "classpath:db"]\ndefaultSchema = "s"\n',
        "a/X1__one.sql": "",
        "src/main/resources/db/deep/X2_1__two.sql": "",
        "a/V3__not_one.sql": "",
        "a/X1__one.sql.conf": "",
    }
    project = read("flyway", tmp_path, files, NAME="n", FLYWAY_PASSWORD="pw")
    assert project.address is not None and project.history is not None
    assert project.address.url == "mysql://a:pw@h/n"
    assert (project.history.table, project.history.schema) == ("t", "s")
    assert "useSSL" in project.notes[0]
    assert project.examine([]).pending == ("X1__one.sql", "X2_1__two.sql")
    assert "none of flyway.user.toml" in refused(NoOrigin, "flyway", tmp_path / "empty", {})
    assert "flyway.toml: " in refused(UnreadableOrigin, "flyway", tmp_path, {"flyway.toml": "["})


def row(rank: int, version: str | None, kind: str = "SQL", **values: object) -> dict[str, Any]:
    name = f"V{version}__v.sql" if version else "R__v.sql"
    base = {"installed_rank": rank, "version": version, "description": "v", "type": kind, "script": name}
    return {**base, "checksum": flyway_checksum("text\n"), "success": True, **values}


FILES = {
    "flyway.conf": "",
    **{f"sql/{name}": "text\n" for name in ("V1__v.sql", "V2.0__v.sql", "V10__v.sql", "R__v.sql", "U2__v.sql")},
}


@pytest.mark.parametrize(
    ("rows", "pending", "unknown"),
    [
        ([row(1, "1"), row(2, "2"), row(3, "10"), row(4, None)], (), ()),
        ([row(1, "1"), row(3, "10"), row(4, None)], ("V2.0__v.sql",), ()),  # out of order
        ([row(1, "2", "BASELINE", script="<< Flyway Baseline >>"), row(2, "10"), row(3, None)], (), ()),
        ([row(1, "1"), row(2, "2"), row(3, "2", "UNDO_SQL"), row(4, "10"), row(5, None)], ("V2.0__v.sql",), ()),
        ([row(0, None, "SCHEMA"), row(1, "1"), row(2, "2"), row(3, "10"), row(4, None, checksum=1)], ("R__v.sql",), ()),
        ([row(1, "1"), row(2, "2"), row(3, "10"), row(4, None), row(5, "11", script="deep/V11__v.sql")], (), ("deep/V11__v.sql",)),
        ([row(1, "1"), row(2, "2"), row(3, "10"), row(4, None), row(5, "11"), row(6, "11", "DELETE")], (), ()),
    ],
)  # fmt: skip
def test_states_of_flyway(tmp_path: Path, rows: list[dict[str, Any]], pending: object, unknown: object) -> None:
    state = read("flyway", tmp_path, FILES).examine(rows)
    assert (state.pending, state.unknown) == (pending, unknown)
    assert "flyway migrate" in state.advice


def test_a_failed_migration_of_flyway_and_an_edited_one(tmp_path: Path) -> None:
    project = read("flyway", tmp_path, FILES)
    with pytest.raises(UnfinishedOrigin, match=r"failed half-way\n    V2__v\.sql") as raised:
        project.examine([row(1, "1"), row(2, "2", success=0)])
    assert "flyway repair" in (raised.value.hint or "")
    edited = project.examine([row(1, "1"), row(2, "2", checksum=5), row(3, "10"), row(4, None)])
    assert edited.notes == ("V2.0__v.sql was edited after Flyway applied it; the database has what was applied.",)
