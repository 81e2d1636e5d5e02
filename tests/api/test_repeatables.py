"""``make-migrations --type roc``: what can be replaced lives in repeatable files, from the first file to a fresh database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dbwarden import CompareOptions, RenameFlags
from dbwarden.errors import UsageError
from tests.support.command import run
from tests.support.project import Project

HEAD = """
import sqlalchemy as sa
from dbwarden.objects import Function, Grant, Trigger, View

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.{type}){more})
"""
VIEWS = """
top = View("z_top", "{view}", metadata=metadata)
View("a_ids", "SELECT id FROM z_top", metadata=metadata)
"""
OTHERS = {
    "postgresql": """
Grant("SELECT", on="z_top", to="public", metadata=metadata)
Function("number()", "RETURNS integer LANGUAGE sql AS $$ SELECT 7 $$", metadata=metadata)
sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("d", sa.Integer, server_default=sa.text("number()")))
Function("touch()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$", metadata=metadata)
Trigger("touch", "BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()", metadata=metadata)
""",
    "mysql": """
Function("number()", "RETURNS INT DETERMINISTIC RETURN 7", metadata=metadata)
Trigger("touch", "BEFORE INSERT ON t FOR EACH ROW SET NEW.n = 2", metadata=metadata)
""",
}
OTHERS["mariadb"] = OTHERS["mysql"]
OTHERS["clickhouse"] = """
from dbwarden.objects import Dictionary, TableClauses
TableClauses(order_by="id")._set_parent(metadata.tables["t"])
Dictionary("t_touch", "id Int32, n Int32", metadata=metadata, primary_key="id", source="CLICKHOUSE(TABLE 't')", layout="HASHED()",
    lifetime=0)
"""
PLAIN = "SELECT id, n FROM t"
FILTERED = "SELECT id, n FROM t WHERE n > 0"
WIDER = "SELECT id, n, m FROM t WHERE n > 0"
MORE = ', sa.Column("m", sa.Integer)'


def models(engine: str, view: str = PLAIN, more: str = "", type: str = "Integer", views: bool = True) -> str:
    others = (
        OTHERS[engine]
        if views
        else OTHERS[engine].replace('Grant("SELECT", on="z_top", to="public", metadata=metadata)', "")
    )
    return HEAD.format(type=type, more=more) + (VIEWS.format(view=view) if views else "") + others


def names(report: Any) -> tuple[str | None, list[str]]:
    return report.path.name if report.path else None, [file.path.name for file in report.repeatables]


def step(project: Project, source: str, repeatable: bool = False) -> Any:
    """Generate once; a second time is nothing, before ``migrate`` and behind it."""
    project.models(source)
    report = project.generate(None, options=CompareOptions(repeatable=repeatable))
    assert report.proof is None or report.proof.proven, report.proof.text
    assert project.generate("pending").empty, "what is pending is not generated again"
    project.migrate()
    assert project.generate("again").empty
    return report


@pytest.mark.parametrize("database_url", ["postgresql", "mysql", "mariadb", "clickhouse"], indirect=True)
def test_what_can_be_replaced_lives_in_repeatable_files(database_url: str, reference_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", database_url)
    engine = project.engine
    first = step(project, models(engine), repeatable=True)
    files = {path.name: path.read_text() for path in project.files()}
    assert {"ROC__z_top.sql", "ROC__a_ids.sql", "ROC__t_touch.sql"} <= set(files)
    assert '-- depends_on: ["ROC__z_top"]' in files["ROC__a_ids.sql"], "in the order in which they need one another"
    assert (
        "CREATE OR REPLACE VIEW z_top" in files["ROC__z_top.sql"]
        and "VIEW" not in first.text.partition("-- rollback")[0]
    )
    if engine == "postgresql":
        assert "GRANT SELECT ON z_top TO PUBLIC" in files["ROC__z_top.sql"]
        assert "CREATE FUNCTION number()" in first.text, "the default of a table needs it, before any repeatable runs"

    assert names(step(project, models(engine, FILTERED))) == (None, ["ROC__z_top.sql"]), "also without --type"
    wider = step(project, models(engine, WIDER, MORE))
    assert wider.path is not None and [file.path.name for file in wider.repeatables] == ["ROC__z_top.sql"]
    retyped = step(project, models(engine, WIDER, MORE, "BigInteger"))
    if engine == "postgresql":  # the views are in the way of the column, and come back
        assert retyped.text.startswith('-- repeats: ["ROC__a_ids", "ROC__z_top"]\n')
        assert "DROP VIEW IF EXISTS z_top;" in retyped.text and retyped.repeatables == ()
    reached = project.dump()
    project.rollback(2)
    project.migrate()
    assert project.dump() == reached, "a repeatable runs again behind a version that repeats it"

    gone = step(project, models(engine, PLAIN, MORE, "BigInteger", views=False))
    assert sorted(path.name for path in gone.removed) == ["ROC__a_ids.sql", "ROC__z_top.sql"]
    assert "DROP VIEW IF EXISTS z_top;" in gone.text

    fresh = project.copied(tmp_path / "fresh", reference_url)
    fresh.migrate()
    assert fresh.dump() == project.dump(), "the files build a fresh database"


def test_a_renamed_table_and_a_renamed_view(postgresql_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    step(project, models("postgresql"), repeatable=True)
    project.models(
        models("postgresql").replace('"t"', '"items"').replace("FROM t", "FROM items").replace("ON t ", "ON items ")
    )
    report = project.generate(None, options=CompareOptions(renames=RenameFlags(("t:items",))))
    assert "ROC__z_top.sql" in names(report)[1], "its text names the table, and has to build a fresh database"
    project.migrate()
    assert project.generate("again").empty
    source = (
        models("postgresql").replace('"t"', '"items"').replace("FROM t", "FROM items").replace("ON t ", "ON items ")
    )
    project.models(source.replace("z_top", "top"))
    assert project.generate(write=False).rename_candidates == ()
    with pytest.raises(UsageError, match="view z_top lives in a repeatable file: no version can rename it"):
        project.generate(options=CompareOptions(renames=RenameFlags(parts=("view z_top:top",))))


def test_a_file_written_by_hand_is_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    source = HEAD.format(type="Integer", more="")
    project.reach(source)
    by_hand = "-- upgrade\nDROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT id FROM t;\n\n-- rollback\nDROP VIEW IF EXISTS v;\n"
    path = project.files()[0].with_name("ROC__v.sql")
    path.write_text(by_hand)
    project.migrate()
    project.models(f'{source}View("v", "SELECT n FROM t", metadata=metadata)\n')
    report = project.generate()
    assert report.empty and report.notes == ("view v lives in ROC__v.sql, which is written by hand: change it there.",)
    assert path.read_text() == by_hand


def test_the_command(sqlite_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    project.models(HEAD.format(type="Integer", more="") + VIEWS.format(view=PLAIN))
    output = run(project.folder, "make-migrations", "--type", "roc")
    assert "Wrote migrations/primary/ROC__z_top.sql" in output and "Created migrations/primary/0001_" in output, output
    assert "DROP VIEW IF EXISTS z_top;\n\nCREATE VIEW z_top" in (project.files()[-1]).read_text()
    assert "--type must be versioned or roc" in run(project.folder, "make-migrations", "--type", "ra", code=2)
