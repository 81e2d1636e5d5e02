"""What stands on a column or table and no model describes: taken along, brought back, or named before a file is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import dbwarden
from dbwarden.api.comparison import CompareOptions
from dbwarden.api.connection import connect
from dbwarden.api.renaming import RenameFlags
from dbwarden.errors import BlockingDependents, ProofFailed, Unsupported
from tests.servers import Server
from tests.servers.databases import Databases
from tests.support.project import Project

pytestmark = pytest.mark.acceptance

MODELS = """
from sqlalchemy import *
metadata = MetaData()
t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("v", {v}), Column("w", Integer){more})
"""
X = ", Column('x', Integer)"
OTHER = "from sqlalchemy import *\nmetadata = MetaData()\nTable('o', metadata, Column('id', Integer))\n"

FUNCTION = "CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$"
IN_THE_WAY = {
    "policy": ("CREATE POLICY pol ON t AS RESTRICTIVE FOR UPDATE USING (v > 0) WITH CHECK (x > 0 AND v < 9)",
               "COMMENT ON POLICY pol ON t IS 'it''s here'"),
    "policy of another table": ("CREATE TABLE u (a integer)", "CREATE POLICY pol ON u USING (a IN (SELECT v + x FROM t))"),
    "rule": ("CREATE RULE r AS ON UPDATE TO t WHERE new.v > old.x DO NOTHING", "ALTER TABLE t DISABLE RULE r"),
    "trigger of a column": (FUNCTION, "CREATE TRIGGER g BEFORE UPDATE OF v, x ON t FOR EACH ROW EXECUTE FUNCTION tf()",
                            "ALTER TABLE t DISABLE TRIGGER g"),
    "trigger with a condition": (
        FUNCTION, "CREATE TRIGGER g AFTER UPDATE ON t FOR EACH ROW WHEN (new.v > old.x) EXECUTE FUNCTION tf()",
        "COMMENT ON TRIGGER g ON t IS 'here'",
    ),
    "publication": ("CREATE PUBLICATION p FOR TABLE t (id, v, x) WHERE (v > x) WITH (publish = 'insert')",),
    "function": ("CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT sum(v) + sum(x) FROM t; END",),
    "view": ("CREATE VIEW view AS SELECT v, x FROM t",),
}  # fmt: skip
ATTACHED = {
    "statistics": ("CREATE STATISTICS st (dependencies) ON v, x FROM t", "COMMENT ON STATISTICS st IS 'here'"),
    "statistics of an expression": ("CREATE STATISTICS st ON (v + x), w FROM t",),
    "column privileges": ("GRANT SELECT (v), UPDATE (x) ON t TO PUBLIC", "GRANT SELECT (v, x) ON t TO pg_monitor"),
    "privileges": ("GRANT SELECT, INSERT ON t TO PUBLIC", "GRANT SELECT ON t TO pg_monitor WITH GRANT OPTION"),
    "row security": ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t FORCE ROW LEVEL SECURITY"),
}


@pytest.fixture(scope="module")
def databases(postgresql_server: Server) -> Iterator[Databases]:
    with closing(Databases(postgresql_server)) as databases:
        yield databases


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Project:
    """Made once: every test gets a copy."""
    made = Project(tmp_path_factory.mktemp("origin") / "project", databases.new())
    made.reach(MODELS.format(v="Integer", more=X))
    return made


@pytest.fixture
def project(tmp_path: Path, origin: Project, databases: Databases) -> Iterator[Project]:
    with databases.copy(origin.url) as url:
        yield origin.copied(tmp_path / "project", url)


def by_hand(project: Project, statements: tuple[str, ...]) -> None:
    with connect(project.url) as conn:
        for sql in statements:
            conn.execute(sql)


SEEN = """
SELECT 'policy', polname::text, polcmd::text, polpermissive::text, pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid), obj_description(oid, 'pg_policy') FROM pg_policy
UNION ALL SELECT 'rule', rulename, ev_enabled::text, pg_get_ruledef(oid), NULL, NULL, NULL FROM pg_rewrite
    WHERE rulename <> '_RETURN' AND ev_class = to_regclass('t')
UNION ALL SELECT 'trigger', tgname, tgenabled::text, pg_get_triggerdef(oid), obj_description(oid, 'pg_trigger'), NULL, NULL
    FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'publication', pubname, tablename, attnames::text, rowfilter, NULL, NULL FROM pg_publication_tables
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid), NULL, NULL, NULL, NULL FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'view', viewname, definition, NULL, NULL, NULL, NULL FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'statistics', stxname, pg_get_statisticsobjdef(oid), obj_description(oid, 'pg_statistic_ext'), NULL, NULL,
    NULL FROM pg_statistic_ext
UNION ALL SELECT 'privileges', relname, array_to_string(ARRAY(SELECT unnest(relacl)::text ORDER BY 1), ' '),
    relrowsecurity::text, relforcerowsecurity::text, NULL, NULL FROM pg_class WHERE oid = to_regclass('t')
UNION ALL SELECT 'column', attname, array_to_string(ARRAY(SELECT unnest(attacl)::text ORDER BY 1), ' '), NULL, NULL, NULL,
    NULL FROM pg_attribute WHERE attrelid = to_regclass('t') AND attacl IS NOT NULL AND NOT attisdropped
ORDER BY 1, 2, 3
"""


def seen(project: Project) -> list[tuple[object, ...]]:
    """All of it, by the catalogue."""
    with connect(project.url, read_only=True) as conn:
        return list(conn.query(SEEN))


@pytest.mark.parametrize("what", [*IN_THE_WAY, *ATTACHED])
def test_a_type_changes_under_it(project: Project, what: str) -> None:
    by_hand(project, (IN_THE_WAY | ATTACHED)[what])
    before, dump = seen(project), project.dump()
    project.models(MODELS.format(v="BigInteger", more=X))
    report = project.generate()
    assert report.proof.proven, report.text
    if what in ATTACHED:
        assert report.text.count(";\n") == 2  # nothing but the type: the server keeps it
    project.migrate()
    if what != "function":  # sum(bigint) is another type
        assert len(seen(project)) == len(before)
    assert project.generate("again").empty
    project.rollback()
    assert seen(project) == before and project.dump() == dump


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_a_column_is_dropped_under_it(project: Project, what: str) -> None:
    """Nobody asked for it to go."""
    by_hand(project, IN_THE_WAY[what])
    project.models(MODELS.format(v="Integer", more=""))
    with pytest.raises(ProofFailed) as caught:
        project.generate()
    assert "in the way. Drop it in a migration of its own" in caught.value.cause
    kind = what.split(" ", maxsplit=1)[0]
    assert caught.value.cause.startswith(kind)
    assert len(project.files()) == 1


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_a_column_is_dropped_under_it_and_nothing_was_tried_out(project: Project, what: str) -> None:
    """The catalogue says the same as the server would."""
    by_hand(project, IN_THE_WAY[what])
    project.models(MODELS.format(v="Integer", more=""))
    with pytest.raises(BlockingDependents) as caught:
        project.generate(proof=False)
    cause = caught.value.cause
    assert "stands in the way. Drop it in a migration of its own" in cause
    assert cause.startswith(what.split(" ", maxsplit=1)[0])
    assert len(project.files()) == 1


@pytest.mark.parametrize("what", [*IN_THE_WAY, *ATTACHED])
def test_a_type_changes_under_it_and_nothing_was_tried_out(project: Project, what: str) -> None:
    """What is dropped and made anew is not in the way."""
    by_hand(project, (IN_THE_WAY | ATTACHED)[what])
    before = seen(project)
    project.reach(MODELS.format(v="BigInteger", more=X))
    if what != "function":
        assert len(seen(project)) == len(before)


ELSEWHERE = {
    "view": "CREATE VIEW other.w AS SELECT x FROM t",
    "materialized view": "CREATE MATERIALIZED VIEW other.w AS SELECT x FROM t",
    "rule": "CREATE RULE r AS ON INSERT TO other.u DO ALSO UPDATE t SET x = new.a",
    "policy": "CREATE POLICY pol ON other.u USING (a IN (SELECT x FROM t))",
    "function": "CREATE FUNCTION other.f() RETURNS bigint BEGIN ATOMIC SELECT sum(x) FROM t; END",
}
REFERENCE = "CREATE UNIQUE INDEX ON t (x)", "ALTER TABLE other.u ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES t (x)"


@pytest.mark.parametrize("proof", [None, False])
@pytest.mark.parametrize("models", [("Integer", ""), ("Integer", ", Column('x', BigInteger)")], ids=["drop", "type"])
@pytest.mark.parametrize("what", ELSEWHERE)
def test_it_stands_in_a_schema_of_somebody_else(
    project: Project, what: str, models: tuple[str, str], proof: bool | None
) -> None:
    """No scratch has it, so that no proof shows it."""
    by_hand(project, ("CREATE SCHEMA other", "CREATE TABLE other.u (a integer)", ELSEWHERE[what]))
    project.models(MODELS.format(v=models[0], more=models[1]))
    with pytest.raises(BlockingDependents) as caught:
        project.generate(proof=proof)
    assert caught.value.cause.startswith(f"{what} other.")
    assert len(project.files()) == 1


def test_a_foreign_key_of_somebody_else(project: Project) -> None:
    """It is in the way of the column, not of its type."""
    by_hand(project, ("CREATE SCHEMA other", "CREATE TABLE other.u (a integer)", *REFERENCE))
    project.models(MODELS.format(v="Integer", more=""))
    with pytest.raises(BlockingDependents) as caught:
        project.generate()
    assert caught.value.cause.startswith("foreign key other.u.k stands in the way")
    project.reach(MODELS.format(v="Integer", more=", Column('x', BigInteger), Index('t_x_idx', 'x', unique=True)"))


def test_a_pending_file_that_drops_it_clears_the_way(project: Project) -> None:
    by_hand(project, ("CREATE VIEW w AS SELECT x FROM t",))
    (project.files()[0].parent / "0002_drop.sql").write_text(
        "-- upgrade\nDROP VIEW w;\n-- rollback\nCREATE VIEW w AS SELECT x FROM t;\n"
    )
    project.models(MODELS.format(v="Integer", more=""))
    assert "DROP COLUMN x" in project.generate(proof=False).text


@pytest.mark.parametrize("proof", [None, False])
@pytest.mark.parametrize("more", ["", ", Column('x', BigInteger)"], ids=["drop", "type"])
def test_it_is_ignored(project: Project, more: str, proof: bool | None) -> None:
    by_hand(project, ("CREATE VIEW w AS SELECT x FROM t",))
    project.models(MODELS.format(v="Integer", more=more))
    config = project.folder / "warden.py"
    config.write_text(config.read_text().replace("default=True", "default=True, ignore_views=['w']"))
    with pytest.raises(BlockingDependents) as caught:
        project.generate(proof=proof)
    assert caught.value.cause.startswith("view w stands in the way")


def test_the_way_is_asked_for_under_former_names(project: Project) -> None:
    by_hand(project, ("CREATE SCHEMA other", "CREATE VIEW other.w AS SELECT x FROM t"))
    project.models(MODELS.format(v="Integer", more=", Column('y', BigInteger)").replace('"t"', '"s"'))
    renames = RenameFlags(["t:s"], ["s.x:y"])
    with pytest.raises(BlockingDependents, match="depends on what it drops"):
        project.generate(options=CompareOptions(renames=renames), proof=False)
    project.models(MODELS.format(v="Integer", more=", Column('y', Integer)").replace('"t"', '"s"'))
    project.generate(options=CompareOptions(renames=renames))  # a view follows a name
    project.migrate()


@pytest.mark.parametrize("what", ATTACHED)
def test_a_column_is_dropped_with_it(project: Project, what: str) -> None:
    by_hand(project, ATTACHED[what])
    before, dump = seen(project), project.dump()
    project.models(MODELS.format(v="Integer", more=""))
    report = project.generate()
    assert report.proof.proven, report.text
    project.migrate()
    project.rollback()
    assert seen(project) == before and project.dump() == dump


@pytest.mark.parametrize("what", [one for one in (*IN_THE_WAY, *ATTACHED) if one not in ("function", "view")])
def test_a_table_is_dropped_with_it(project: Project, what: str) -> None:
    if what == "policy of another table":
        pytest.skip("the policy stands on another table, so that the server refuses to drop this one")
    by_hand(project, (IN_THE_WAY | ATTACHED)[what])
    before, dump = seen(project), project.dump()
    project.models(OTHER)
    report = project.generate()
    assert report.proof.proven, report.text
    project.migrate()
    project.rollback()
    assert seen(project) == before and project.dump() == dump


def test_the_privileges_of_a_function_that_is_made_anew_come_back(project: Project) -> None:
    by_hand(project, (*IN_THE_WAY["function"], "REVOKE ALL ON FUNCTION f() FROM PUBLIC"))
    by_hand(project, ("GRANT EXECUTE ON FUNCTION f() TO pg_monitor WITH GRANT OPTION",))
    with connect(project.url) as conn:
        former = conn.query(f"SELECT {PRIVILEGES_OF_F}")
    project.models(MODELS.format(v="BigInteger", more=X))
    assert project.generate().proof.proven
    project.migrate()
    with connect(project.url) as conn:
        assert conn.query(f"SELECT {PRIVILEGES_OF_F}") == former
    assert project.generate("again").empty
    project.rollback()
    with connect(project.url) as conn:
        assert conn.query(f"SELECT {PRIVILEGES_OF_F}") == former


PRIVILEGES_OF_F = "ARRAY(SELECT a::text FROM pg_proc, unnest(proacl) AS a WHERE proname = 'f' ORDER BY 1)"


def test_what_stands_on_a_partition_leaves_it_unproven(project: Project) -> None:
    """The models know the partitioned table; a policy of one partition is in the way of its columns, too."""
    head = "from sqlalchemy import *\nmetadata = MetaData()\n"
    table = "Table('p', metadata, Column('k', Integer), Column('v', {}), postgresql_partition_by='RANGE (k)')\n"
    rest = (
        "Table('t', metadata, Column('id', Integer, primary_key=True), Column('v', Integer), Column('w', Integer){})\n"
    )
    project.reach(head + table.format("Integer") + rest.format(X))
    by_hand(
        project,
        ("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)", "CREATE POLICY pol ON p1 USING (v > 0)"),
    )
    project.models(head + table.format("BigInteger") + rest.format(X))
    report = project.generate()
    assert not report.proof.proven and "policy pol on p1" in report.proof.text
    assert "DROP POLICY pol ON p1" in report.text
    project.migrate()
    project.rollback()


FOREIGN = ("CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w",
           "CREATE FOREIGN TABLE f (id integer) SERVER s")  # fmt: skip


ON_ANOTHER_SERVER = (
    "from dbwarden.objects import ForeignTable\nTable('f', metadata, Column('id', Integer), ForeignTable('another'))\n"
)
ON_OTHER_SERVERS = {"table f", "foreign server s", "foreign data wrapper w"}


def test_a_foreign_table_is_left_alone_and_listed(project: Project) -> None:
    by_hand(project, FOREIGN)
    project.models(OTHER)
    report = project.generate()
    assert set(report.unowned) >= ON_OTHER_SERVERS and report.proof.proven and " f" not in report.text
    project.migrate()
    again = dbwarden.diff(config=project.config)
    assert again.empty and set(again.unowned) >= ON_OTHER_SERVERS
    project.models(OTHER + "Table('p', metadata, Column('id', Integer))\n")
    project.generate()
    project.models(OTHER)
    assert set(project.generate().unowned) >= ON_OTHER_SERVERS  # behind a pending file
    project.migrate()
    project.rollback()
    with connect(project.url, read_only=True) as conn:
        assert conn.query("SELECT relkind::text FROM pg_class WHERE relname = 'f'") == [("f",)]


def test_a_model_may_describe_a_foreign_table_without_its_server(project: Project) -> None:
    by_hand(project, FOREIGN)
    project.models(OTHER + "Table('f', metadata, Column('id', Integer))\n")
    report = project.generate(proof=False)
    assert " f" not in report.text and "table f" not in report.unowned
    project.models(OTHER + ON_ANOTHER_SERVER)
    with pytest.raises(Unsupported, match="cannot move to or from another server"):
        project.generate(proof=False)
    project.models(OTHER)
    (project.folder / "warden.py").write_text(
        (project.folder / "warden.py").read_text().replace("default=True", "default=True, ignore_tables=['f']")
    )
    assert set(project.generate(proof=False).unowned) == ON_OTHER_SERVERS - {"table f"}
