"""``dbwarden report`` and ``dbwarden diagram``: what they write, and that databases and folders are as before."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.pictures.shop import write_models, write_shop
from tests.servers import VENDORS
from tests.support.command import run, write_migration, write_project
from tests.support.dump import dump


def files(folder: Path) -> dict[str, bytes]:
    """All files but bytecode."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def words(folder: Path, name: str = "report.html") -> str:
    """What the page says, without its markup, style and script."""
    text = re.sub(r"(?s)<(style|script)>.*?</\1>", " ", (folder / name).read_text())
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder, f"sqlite:///{folder / 'shop.db'}", hostile=False)
    return folder


def test_reports_are_equal_and_leave_no_trace(shop: Path) -> None:
    before = files(shop)
    shown = run(shop, "report", "--out", "../report/page.html")
    assert shown.splitlines()[1] == "  primary: 8 tables, 8 relations, 1 pending, 1 event; check: INFO"
    first = (shop.parent / "report" / "page.html").read_bytes()
    run(shop, "report", "-o", "../report/page.html")
    assert (shop.parent / "report" / "page.html").read_bytes() == first, "a former report is replaced by an equal one"
    assert files(shop) == before


def test_a_folder_gets_the_diagrams_too(shop: Path, tmp_path: Path) -> None:
    document = json.loads(run(shop, "report", "--json", "--out", str(tmp_path / "site")))
    assert [Path(path).name for path in document["files"]] == [
        "index.html",
        "primary.svg",
        "primary.mmd",
        "primary.dbml",
    ]
    assert document["databases"][0]["connected"] and document["databases"][0]["source"] == "database"
    ElementTree.parse(tmp_path / "site" / "primary.svg")
    assert (tmp_path / "site" / "primary.mmd").read_text() == run(shop, "diagram", "--changes")
    assert (tmp_path / "site" / "primary.dbml").read_text() == run(shop, "diagram", "--changes", "-o", "dbml")
    assert (tmp_path / "site" / "primary.svg").read_text() == run(shop, "diagram", "--changes", "-o", "svg")


def test_another_file_is_not_replaced(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "page.html"
    other.write_text("<p>mine</p>")
    shown = run(shop, "report", "--out", str(other), code=2)
    assert "exists already; nothing was written" in shown and other.read_text() == "<p>mine</p>"
    run(shop, "report", "--out", str(other), "--force")
    assert "<!doctype html>" in other.read_text()[:20]
    assert "Error: " in run(shop, "report", "--out", str(other / "below"), code=1)


def test_diagrams_of_some_tables(shop: Path) -> None:
    text = run(shop, "diagram", "order*", "customers")
    assert re.findall(r"^    (\w+) \{$", text, re.MULTILINE) == ["customers", "order_lines", "orders"]
    assert 'orders ||--o{ order_lines : "order_id"' in text and "addresses" not in text
    assert "added" not in text, "without --changes it shows the database as it is"
    shown = run(shop, "diagram", "ordrs", code=2)
    assert shown.startswith("Error: There is no table ordrs in database primary") and "orders" in shown
    assert json.loads(run(shop, "diagram", "--json", "-o", "dbml"))["format"] == "dbml"


def test_without_a_database_the_state_file_or_the_models_are_shown(tmp_path: Path) -> None:
    migrations = write_project(tmp_path, "postgresql://u:geheim@127.0.0.1:1/d")
    write_models(tmp_path, hostile=False)
    assert run(tmp_path, "diagram", "--offline").startswith("erDiagram\n    addresses {")
    run(tmp_path, "make-migrations", "--offline", "create shop")
    assert len(list(migrations.iterdir())) == 1
    write_models(tmp_path, later=True, hostile=False)
    assert "newsletters added" in run(tmp_path, "diagram", "--offline", "--changes")
    shown = run(tmp_path, "report", "--out", "report.html")
    assert "Warning: primary: The database was not asked" in shown
    assert "newsletters: added" not in shown and "geheim" not in (tmp_path / "report.html").read_text()
    page = words(tmp_path)
    assert (
        "offline: from" in page and "1 added" in page and "The history is in the database, which was not asked." in page
    )
    assert "Cannot connect" in run(tmp_path, "diagram", code=1)


A = "CREATE TABLE a (id INTEGER PRIMARY KEY, gone TEXT);"


def test_a_project_without_models_or_with_broken_ones(tmp_path: Path) -> None:
    migrations = write_project(tmp_path, f"sqlite:///{tmp_path / 'a.db'}")
    write_migration(migrations, "0001_a", f"{A} INSERT INTO a VALUES (1, 'x');", "DROP TABLE a;")
    (tmp_path / "models.py").write_text("raise ValueError('broken')")
    run(tmp_path, "migrate")
    shown = run(tmp_path, "report", "--out", "report.html")
    assert "Warning: primary: Nothing was checked: " in shown and "1 table, 0 relations" in shown
    configuration = tmp_path / "warden.py"
    configuration.write_text(configuration.read_text().replace("model_paths=['models.py']", "model_paths=[]"))
    write_migration(migrations, "0002_b", "CREATE TABLE b (a_id INTEGER REFERENCES a (id)); ALTER TABLE a DROP gone;")
    run(tmp_path, "report", "--out", "report.html")
    page = words(tmp_path)
    assert "1 added 1 changed" in page and "CRITICAL" in page
    assert re.search(r'<tr class="dropped"><th scope="row"><bdi>gone</bdi>', (tmp_path / "report.html").read_text())
    assert "a ||" in run(tmp_path, "diagram", "--changes") or "a |o" in run(tmp_path, "diagram", "--changes")


WITHOUT = """
import sys
sys.modules["networkx"] = None
from dbwarden.cli.app import run
sys.exit(run(["report", "--out", "x.html"]) * 10 + run(["diagram", "--out", "svg"]) + run(["diagram"]))
"""


def test_packages_that_are_missing_are_named(shop: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 22
    assert done.stderr.count("needs the package networkx, which is not installed") == 2
    assert done.stderr.count("pip install 'dbwarden[report]'") == 2
    assert done.stdout.startswith("erDiagram"), "Mermaid needs no package"


POSTGRESQL = """
import sqlalchemy as sa
from dbwarden.objects import View
metadata = sa.MetaData()
mood = sa.Enum("glad", "sad's", name="mood")
people = sa.Table("people", metadata, sa.Column("id", sa.BigInteger, primary_key=True, comment="<i>key</i>"),
    sa.Column("{NAME}", sa.Text, nullable=False), sa.Column("mood", mood), comment="Who & <b>what</b>")
notes = sa.Table("notes", metadata, sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("person_id", sa.ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("text", sa.Text), schema="audit")
View("glad", "SELECT id, mood FROM people WHERE mood = 'glad'", metadata=metadata)
"""


def test_on_postgresql_with_renames_views_and_other_schemas(postgresql_url: str, tmp_path: Path) -> None:
    write_project(tmp_path, postgresql_url)
    models = tmp_path / "models.py"
    models.write_text(POSTGRESQL.replace("{NAME}", "mail"))
    run(tmp_path, "make-migrations", "create people")
    run(tmp_path, "migrate")
    models.write_text(POSTGRESQL.replace("{NAME}", "email"))
    run(tmp_path, "make-migrations", "rename mail", "--rename", "people.mail:email")
    before, folder = dump(postgresql_url), files(tmp_path)
    run(tmp_path, "report", "--out", "../page.html")
    assert dump(postgresql_url) == before and files(tmp_path) == folder
    page = words(tmp_path.parent, "page.html")
    assert "renamed from mail" in page and "1 changed" in page and "added" not in page
    assert "Who &amp; &lt;b&gt;what&lt;/b&gt;" in page and "&lt;i&gt;key&lt;/i&gt;" in page
    assert "audit.notes" in page and "ON DELETE CASCADE" in page and "view" in page
    assert "Referred to by audit.notes (person_id), glad" in page
    assert "ACCESS EXCLUSIVE" in page and "everybody waits" in page
    assert "dbwarden_" not in page, "our own tables are no part of the picture"
    dbml = run(tmp_path, "diagram", "--out", "dbml")
    assert '"sad\'s"' in dbml and 'Ref "notes_person_id_fkey": "audit"."notes"."person_id" > "people"."id"' in dbml


PICTURE = Path(__file__).parents[2] / "docs" / "images" / "diagram.svg"


def test_the_picture_of_the_documentation(shop: Path) -> None:
    """``DBWARDEN_TEST_UPDATE=1`` writes it."""
    text = run(shop, "diagram", "--changes", "--out", "svg")
    if os.environ.get("DBWARDEN_TEST_UPDATE"):
        PICTURE.write_text(text)
    assert PICTURE.read_text() == text


@pytest.mark.parametrize("database_url", VENDORS, indirect=True)
def test_every_engine_is_drawn(database_url: str, tmp_path: Path) -> None:
    migrations = write_project(tmp_path, database_url)
    configuration = tmp_path / "warden.py"
    configuration.write_text(configuration.read_text().replace("model_paths=['models.py']", "model_paths=[]"))
    engine = " ENGINE = MergeTree ORDER BY id" if database_url.startswith("clickhouse") else ""
    column = "Int64" if engine else "INTEGER NOT NULL PRIMARY KEY"
    write_migration(migrations, "0001_a", f"CREATE TABLE a (id {column}){engine};\nCREATE VIEW v AS SELECT id FROM a;")
    write_migration(migrations, "0002_b", f"CREATE TABLE b (id {column}){engine};")
    run(tmp_path, "migrate", "--count", "1")
    run(tmp_path, "report", "--out", "site")
    assert "1 added" in words(tmp_path, "site/index.html")
    text = (tmp_path / "site" / "primary.mmd").read_text()
    assert re.findall(r"^    (\w+) \{$", text, re.MULTILINE) == ["a", "b", "v"] and "class b added" in text
    assert 'a ||..o{ v : "read by"' in text
