"""Declared owners: there and back, and nothing said of those that no model declares."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbwarden.api.comparison import CompareOptions
from dbwarden.api.connection import connect
from dbwarden.errors import ModelReadError
from tests.support.project import Project

MODELS = """
import sqlalchemy as sa
from dbwarden.objects import (
    Aggregate, CompositeType, Domain, Enum, EventTrigger, Extension, ForeignServer, Function, Grant, MaterializedView, Procedure,
    Publication, RangeType, Schema, Sequence, Statistics, View,
)
metadata = sa.MetaData()
t = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", {n}), info={info})
u = sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""
OBJECTS = """
View("v", "SELECT id, n FROM t", metadata=metadata, owner="{a}")
View("w", "SELECT id FROM u", metadata=metadata)
MaterializedView("m", "SELECT id FROM u", metadata=metadata, owner="{a}", indexes=("CREATE INDEX m_id ON m (id)",))
Function("f(a integer)", "RETURNS integer LANGUAGE sql AS 'SELECT a'", metadata=metadata, owner="{a}")
Procedure("p(a integer)", "LANGUAGE sql AS 'SELECT a'", metadata=metadata, owner="{a}")
Aggregate("total(integer)", "(SFUNC = int4pl, STYPE = integer)", metadata=metadata, owner="{a}")
Domain("d", "text", metadata=metadata, owner="{a}")
CompositeType("c", {{"x": "text"}}, metadata=metadata, owner="{a}")
RangeType("r", "double precision", metadata=metadata, owner="{a}")
Sequence("s", metadata=metadata, owner="{a}")
mood = Enum("sad", "happy", name="mood", comment="how somebody feels", owner="{a}")
moods = sa.Table("moods", metadata, sa.Column("id", sa.Integer), sa.Column("mood", mood), sa.Column("more", sa.ARRAY(mood)))
Enum("one", "two", name="step", metadata=metadata, owner="{a}")
Schema("sales", metadata=metadata, comment="all that is sold", owner="{a}")
Statistics("t", ["id", "n"], on=t, metadata=metadata, owner="{a}")
Function("seen()", "RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'", metadata=metadata, owner="{a}")
EventTrigger("seen", "ON ddl_command_end EXECUTE FUNCTION seen()", metadata=metadata, owner="{a}")
files = Extension("file_fdw", metadata=metadata, comment="files of the server")
ForeignServer("t", files, metadata=metadata, owner="{a}")
Publication("t", [t], metadata=metadata, owner="{a}")
Grant("SELECT", on="v", to="{b}", metadata=metadata)
"""
OWNERS = """
SELECT relname::text, relowner::regrole::text FROM pg_class
WHERE relname IN ('t', 't_id_seq', 'u', 'v', 'w', 'm', 'm_id', 'c', 's')
UNION ALL SELECT proname, proowner::regrole::text FROM pg_proc
WHERE proname IN ('f', 'p', 'seen', 'total') AND pronamespace = 'public'::regnamespace
UNION ALL SELECT typname, typowner::regrole::text FROM pg_type WHERE typname IN ('d', 'r', 'mood', 'step')
AND typnamespace = 'public'::regnamespace
UNION ALL SELECT 'schema ' || nspname, nspowner::regrole::text FROM pg_namespace WHERE nspname = 'sales'
UNION ALL SELECT 'statistics ' || stxname, stxowner::regrole::text FROM pg_statistic_ext
UNION ALL SELECT 'trigger ' || evtname, evtowner::regrole::text FROM pg_event_trigger
UNION ALL SELECT 'server ' || srvname, srvowner::regrole::text FROM pg_foreign_server
UNION ALL SELECT 'publication ' || pubname, pubowner::regrole::text FROM pg_publication ORDER BY 1
"""


@pytest.fixture
def name(postgresql_url: str) -> Iterator[str]:
    """The beginning of the names of two roles, which are dropped afterwards."""
    prefix = f"o{secrets.token_hex(4)}"
    with connect(postgresql_url) as conn:
        conn.execute(f"CREATE ROLE {prefix}_a SUPERUSER")  # as the owner of an event trigger has to be
        conn.execute(f"CREATE ROLE {prefix}_b SUPERUSER")
    yield prefix
    with connect(postgresql_url) as conn:
        for role in ("a", "b"):
            conn.execute(f"DROP OWNED BY {prefix}_{role} CASCADE")
            conn.execute(f"DROP ROLE {prefix}_{role}")


def owners(project: Project) -> dict[str, str]:
    with connect(project.url) as conn:
        return {str(name): str(owner) for name, owner in conn.query(OWNERS)}


def changed(project: Project, models: str) -> str:
    """Go to the models, back, and there again; returns the upgrade."""
    former = owners(project)
    project.models(models)
    report = project.generate()
    assert report.proof.proven, report.proof.text
    project.migrate()
    reached = owners(project)
    again = project.generate("again")
    assert again.empty, again.text
    project.rollback()
    assert owners(project) == former, report.text
    project.migrate()
    assert owners(project) == reached
    return str(report.text).partition("-- rollback")[0]


def models(name: str, owner: str, n: str = "sa.Integer") -> str:
    return MODELS.format(info={"owner": f"{name}_{owner}"}, n=n) + OBJECTS.format(
        a=f"{name}_{owner}", b=f"{name}_{'b' if owner == 'a' else 'a'}"
    )


def test_there_and_back(tmp_path: Path, postgresql_url: str, name: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    with connect(project.url) as conn:
        ((me,),) = conn.query("SELECT current_user::text")
    first = changed(project, models(name, "a"))
    reached = owners(project)
    assert {reached.pop("u"), reached.pop("w")} == {str(me)}
    assert set(reached.values()) == {f"{name}_a"} and len(reached) == 20, reached
    assert f"ALTER AGGREGATE total(integer) OWNER TO {name}_a;" in first, first
    second = changed(project, models(name, "b"))
    lines = [line for line in second.splitlines() if line and not line.startswith("--")]
    assert f"ALTER TABLE t OWNER TO {name}_b;" in lines and "CREATE" not in second, second
    with connect(project.url) as conn:
        conn.execute(f"ALTER TABLE u OWNER TO {name}_a")
        conn.execute(f"ALTER DOMAIN d OWNER TO {name}_a")
    mended = changed(project, models(name, "b"))
    assert f"ALTER DOMAIN d OWNER TO {name}_b;" in mended and mended.count("OWNER TO") == 1, mended
    third = changed(project, models(name, "b", "sa.BigInteger"))  # the view is created again
    assert owners(project)["v"] == f"{name}_b", third
    plain = MODELS.format(info={}, n="sa.BigInteger") + 'View("v", "SELECT id, n FROM t", metadata=metadata)\n'
    changed(project, plain)
    assert owners(project)["t"] == owners(project)["v"] == f"{name}_b"
    changed(project, "import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    assert "t" not in owners(project)


def test_a_sequence_of_a_column(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.models(
        MODELS.format(info={}, n="sa.Integer") + 'Sequence("s", metadata=metadata, owned_by="t.n", owner="x")\n'
    )
    with pytest.raises(ModelReadError, match="belongs to the owner of its table"):
        project.generate()


@pytest.mark.parametrize("repeatable", [False, True])
def test_owner_and_grantee_change_places(tmp_path: Path, postgresql_url: str, name: str, repeatable: bool) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    view = 'View("v", "SELECT id FROM u", metadata=metadata, owner="{0}_{1}")\n'
    view += 'Grant("SELECT", on="v", to="{0}_{2}", metadata=metadata)\n'
    project.models(MODELS.format(info={}, n="sa.Integer") + view.format(name, "a", "b"))
    project.generate(options=CompareOptions(repeatable=repeatable))
    project.migrate()
    with connect(project.url) as conn:
        conn.execute(f"GRANT SELECT ON t TO {name}_b")  # that nobody declares
    former = privileges(project)
    project.models(MODELS.format(info={"owner": f"{name}_b"}, n="sa.Integer") + view.format(name, "b", "a"))
    report = project.generate()
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert project.generate("again").empty
    (t, owner_of_t), (v, owner_of_v) = privileges(project)
    assert owner_of_t == owner_of_v == f"{name}_b"
    assert f"{name}_a=r/{name}_b" in v and f"{name}_b=r/" not in v + t, (t, v)
    if not repeatable:
        project.rollback()
        assert privileges(project) == former


def privileges(project: Project) -> list[tuple[str, str]]:
    """Privileges and owner of the table and the view."""
    sql = "SELECT relacl::text, relowner::regrole::text FROM pg_class WHERE relname IN ('t', 'v') ORDER BY relname"
    with connect(project.url) as conn:
        return [(str(acl), str(owner)) for acl, owner in conn.query(sql)]
