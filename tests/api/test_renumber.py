"""renumber and merge-state: two branches of a real git repository that are merged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dbwarden
from dbwarden.cli.app import run
from dbwarden.core import codec
from dbwarden.errors import DuplicateVersion, NumberInUse, NumberUndecided, UnknownVersion
from dbwarden.runtime import directory
from tests.support.project import Project

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


def table(name: str) -> str:
    return f'sa.Table("{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'


class Repository:
    """A project in git. ``write`` generates a migration for more models, on the present branch."""

    def __init__(self, folder: Path) -> None:
        self.project = Project(folder, f"sqlite:///{folder.parent}/app.db")
        self.folder = folder
        self.migrations = folder / "migrations/primary"
        self.git("init", "--quiet", "--initial-branch=main")
        (folder / ".gitignore").write_text("__pycache__\n*.db\n")
        (folder / "warden.py").write_text(
            "from dbwarden import database_config\n"
            'primary = database_config(database_name="primary", default=True, database_type="sqlite",\n'
            f'    database_url_sync="{self.project.url}", model_paths=["models"])\n'
        )

    def git(self, *argv: str, code: int = 0) -> str:
        names = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *names, *argv], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == code, (argv, done.stdout, done.stderr)
        return done.stdout

    def write(self, name: str, more: str = "") -> None:
        """Generate in a process of its own, because models are imported once."""
        source = self.folder / "models.py"
        source.write_text((source.read_text() if source.exists() else MODELS) + more)
        command = [sys.executable, "-m", "dbwarden", "make-migrations", name, "--offline"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", name)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.migrations.iterdir())

    def renumber(self, **options: object) -> dbwarden.RenumberReport:
        return dbwarden.renumber(config=self.project.config, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def merged_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two branches with 0002 each, of which ``feature`` also has 0003; merged, apart from the numbers."""
    folder = tmp_path_factory.mktemp("repository") / "project"
    repository = Repository(folder)
    repository.write("users")
    driver = f"{sys.executable} -m dbwarden merge-state %O %A %B"
    repository.git("config", "merge.dbwarden-state.driver", driver)
    (folder / ".gitattributes").write_text(
        ".dbwarden/**/model_state.json merge=dbwarden-state\nmodels.py merge=union\n"
    )
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "-m", "merge driver")
    repository.git("switch", "--quiet", "-c", "feature")
    repository.write("posts", table("posts"))
    repository.write("tags", table("tags"))
    third = repository.migrations / "0003_tags.sql"
    third.write_text(f'-- depends_on: ["0002", "0001"]\n{third.read_text()}')
    repository.git("commit", "--quiet", "--all", "-m", "depends on posts")
    repository.git("switch", "--quiet", "main")
    repository.write("orders", table("orders"))
    repository.git("merge", "--quiet", "--no-commit", "feature")
    return folder


@pytest.fixture
def repository(merged_once: Path, tmp_path: Path) -> Repository:
    subprocess.run(["cp", "-r", str(merged_once), str(tmp_path / "project")], check=True)
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/app.db")
    copy = Repository.__new__(Repository)
    copy.project, copy.folder, copy.migrations = project, project.folder, project.folder / "migrations/primary"
    config = project.folder / "warden.py"
    config.write_text(config.read_text().replace(str(merged_once.parent), str(tmp_path)))
    return copy


def test_the_branch_comes_behind_main(repository: Repository) -> None:
    assert repository.names() == ["0001_users.sql", "0002_orders.sql", "0002_posts.sql", "0003_tags.sql"]
    report = repository.renumber()
    assert report.base == "main"
    assert [(file.name, file.new_name) for file in report.files] == [
        ("0002_posts.sql", "0003_posts.sql"),
        ("0003_tags.sql", "0004_tags.sql"),
    ]
    assert repository.names() == ["0001_users.sql", "0002_orders.sql", "0003_posts.sql", "0004_tags.sql"]
    assert (repository.migrations / "0004_tags.sql").read_text().startswith('-- depends_on: ["0003", "0001"]\n')
    dbwarden.migrate(config=repository.project.config)
    report = repository.renumber()
    assert not report.files and repository.names()[-1] == "0004_tags.sql", "nothing is renumbered twice"


def test_the_state_file_is_merged_and_follows(repository: Repository) -> None:
    path = repository.folder / ".dbwarden/primary/model_state.json"
    merged = codec.load_state(path.read_text())
    assert merged.version == "0003" and len([ref for ref in merged.schema if ref.kind == "table"]) == 4
    assert repository.renumber().state_file
    assert codec.load_state(path.read_text()).version == "0004"
    done = subprocess.run(
        [sys.executable, "-m", "dbwarden", "export-models", "--check"],
        cwd=repository.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dry_run_changes_nothing(repository: Repository) -> None:
    before = repository.git("status", "--porcelain"), repository.names()
    report = repository.renumber(dry_run=True)
    assert len(report.files) == 2 and report.state_file
    assert (repository.git("status", "--porcelain"), repository.names()) == before


def test_the_order_of_migrations_leads_here(repository: Repository) -> None:
    with pytest.raises(DuplicateVersion) as error:
        dbwarden.migrate(config=repository.project.config)
    assert "dbwarden renumber" in (error.value.hint or "")


def test_what_is_applied_keeps_its_number(repository: Repository) -> None:
    """The branch's own file was applied here before the merge: neither may change its number."""
    hidden = repository.migrations / "0002_orders.sql"
    text = hidden.read_text()
    hidden.unlink()
    dbwarden.migrate(config=repository.project.config)
    hidden.write_text(text)
    with pytest.raises(NumberInUse) as error:
        repository.renumber()
    assert "0002_posts.sql" in error.value.message and "it is applied in primary" in error.value.message
    assert "it is in main" in error.value.message and "dbwarden rollback" in (error.value.hint or "")
    assert repository.renumber(offline=True, dry_run=True).files, "git alone does not know it"
    (repository.migrations / "0002_orders.sql").unlink()
    dbwarden.rollback(config=repository.project.config, count=2, options=dbwarden.RollbackOptions(force=True))
    hidden.write_text(text)
    assert len(repository.renumber().files) == 2


def test_git_cannot_tell_what_is_on_one_branch(repository: Repository) -> None:
    (repository.migrations / "0009_a.sql").write_text("-- upgrade\nSELECT 1;\n")
    (repository.migrations / "0009_b.sql").write_text("-- upgrade\nSELECT 1;\n")
    with pytest.raises(NumberUndecided) as error:
        repository.renumber()
    assert "0009_a.sql and 0009_b.sql" in error.value.message and "--keep" in (error.value.hint or "")
    report = repository.renumber(keep=["0009_b.sql"])
    assert ("0009_a.sql", "0012_a.sql") in [(file.name, file.new_name) for file in report.files]
    with pytest.raises(UnknownVersion):
        repository.renumber(keep=["0077_x.sql"])


def test_without_a_repository(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/app.db")
    project.models(MODELS)
    folder = project.folder / "migrations/primary"
    folder.mkdir(parents=True)
    for name in ("0001_a.sql", "0001_b.sql", "RA__c.sql"):
        (folder / name).write_text("-- upgrade\nSELECT 1;\n")
    with pytest.raises(NumberUndecided):
        dbwarden.renumber(config=project.config)
    dbwarden.renumber(config=project.config, keep=["0001_b.sql"])
    assert sorted(path.name for path in folder.iterdir()) == ["0001_b.sql", "0002_a.sql", "RA__c.sql"]


def test_the_command(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository.folder)
    assert run(["renumber"]) == 0
    shown = capsys.readouterr().out
    assert "0002_posts.sql -> 0003_posts.sql" in shown and "The state file names the newest migration." in shown
    assert "`dbwarden check --prove 0003_posts.sql`" in shown
    assert run(["renumber"]) == 0
    assert "are all different and come behind those of main" in capsys.readouterr().out


# -- the state file -----------------------------------------------------------------------------------------------


def test_a_column_that_both_changed_is_a_conflict(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository.folder / ".dbwarden/primary/model_state.json"
    base = path.read_text()
    sides = []
    for type_ in ("bigint", "text"):
        side = repository.folder / f"{type_}.json"
        side.write_text(base.replace('"type": "integer"', f'"type": "{type_}"', 1))
        assert side.read_text() != base
        sides.append(side)
    assert run(["merge-state", str(path), *map(str, sides)]) == 1
    shown = capsys.readouterr().err
    assert "Both branches changed column" in shown and "dbwarden export-models" in shown
    assert "<<<<<<< ours" in sides[0].read_text() and "text" in sides[0].read_text()


def test_one_side_removes_what_the_other_left(repository: Repository) -> None:
    path = repository.folder / ".dbwarden/primary/model_state.json"
    base = codec.load_state(path.read_text())
    smaller = codec.Schema({ref: item for ref, item in base.schema.items() if "users" not in (ref.name, ref.table)})
    ours, theirs = repository.folder / "ours.json", repository.folder / "theirs.json"
    ours.write_text(path.read_text())
    theirs.write_text(codec.dump(smaller, dialect="sqlite", version="0007"))
    report = dbwarden.merge_state(path, ours, theirs)
    merged = codec.load_state(ours.read_text())
    assert report.version == merged.version == "0007" and merged.schema == smaller == merged.migrated


def test_interrupted_between_two_renames(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last file is renamed first, and its text comes after its name: the next run ends the same way."""
    original = directory.rename

    def rename_and_stop(folder: Path, name: str, new_name: str) -> None:
        original(folder, name, new_name)
        raise KeyboardInterrupt

    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(directory, "rename", rename_and_stop)
        repository.renumber()
    assert repository.names() == ["0001_users.sql", "0002_orders.sql", "0002_posts.sql", "0004_tags.sql"]
    repository.renumber()
    assert repository.names() == ["0001_users.sql", "0002_orders.sql", "0003_posts.sql", "0004_tags.sql"]
    assert (repository.migrations / "0004_tags.sql").read_text().startswith('-- depends_on: ["0003", "0001"]\n')
    dbwarden.migrate(config=repository.project.config)
