"""Declared privileges: sets of a grantee on an object, changed by what differs, and nobody else's touched."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dbwarden.api.comparison import CompareOptions
from dbwarden.api.connection import connect
from dbwarden.api.renaming import RenameFlags
from dbwarden.errors import ModelReadError
from tests.servers import Server
from tests.servers.databases import Databases
from tests.support.cases import FOLDER
from tests.support.dump import dump_postgresql
from tests.support.project import Project

HEAD = """
import sqlalchemy as sa
from dbwarden.objects import Function, Grant, Policy, RowLevelSecurity, View
metadata = sa.MetaData()
t = sa.Table("{table}", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text){more})
"""
MODELS = HEAD.format(table="t", more="")


@pytest.fixture
def role(postgresql_url: str) -> Iterator[str]:
    """A role that may do nothing."""
    name = f"reader_{secrets.token_hex(4)}"
    with connect(postgresql_url) as conn:
        conn.execute(f"CREATE ROLE {name}")
    yield name
    with connect(postgresql_url) as conn:
        conn.execute(f"DROP OWNED BY {name}")
        conn.execute(f"DROP ROLE {name}")


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    return Project(tmp_path / "project", postgresql_url)


def privileges(project: Project) -> list[str]:
    """The statements about privileges in what pg_dump writes."""
    lines = dump_postgresql(project.url, owners=True)
    return sorted(line for line in lines if line.startswith(("GRANT", "REVOKE")))


def by_hand(project: Project, *statements: str) -> None:
    with connect(project.url) as conn:
        for sql in statements:
            conn.execute(sql)


def changed(project: Project, models: str, **options: object) -> str:
    """Go to the models, back, and there again; returns the upgrade."""
    former = privileges(project)
    project.models(models)
    report = project.generate(**options)
    assert report.proof.proven, report.proof.text
    project.migrate()
    reached = privileges(project)
    assert project.generate("again").empty
    project.rollback()
    assert privileges(project) == former
    project.migrate()
    assert privileges(project) == reached
    return str(report.text).partition("-- rollback")[0]


def test_a_round_trip(tmp_path: Path, project: Project, postgresql_server: Server) -> None:
    """That of the golden case, whose dump has no privileges: up, down, and up to what the statements of the case make."""
    folder = FOLDER / "objects/privileges"
    project.reach((folder / "before.py").read_text())
    changed(project, (folder / "after.py").read_text())
    with closing(Databases(postgresql_server)) as databases:
        reference = Project(tmp_path / "reference", databases.new())
        reference.reach((folder / "after.py").read_text().partition("Grant(")[0])
        reference.execute("DROP VIEW names;\nDROP FUNCTION twice;\n" + (folder / "objects.postgresql.sql").read_text())
        assert privileges(project) == privileges(reference)


def test_only_declared_grantees_are_changed(project: Project, role: str) -> None:
    project.reach(MODELS + "Grant('SELECT, INSERT', on=t, to='pg_monitor', metadata=metadata)\n")
    by_hand(project, f"GRANT ALL ON t TO {role}", f"GRANT UPDATE (name) ON t TO {role} WITH GRANT OPTION")
    assert project.generate().empty
    upgrade = changed(project, MODELS + "Grant('SELECT', on=t, to='pg_monitor', metadata=metadata)\n")
    assert "REVOKE INSERT ON t FROM pg_monitor;" in upgrade and role not in upgrade
    upgrade = changed(project, MODELS)
    assert "REVOKE ALL ON t FROM pg_monitor;" in upgrade and role not in upgrade


def test_what_is_more_than_declared_is_revoked(project: Project, role: str) -> None:
    project.reach(MODELS + f"Grant('SELECT', on='t', to='{role}', metadata=metadata)\n")
    by_hand(project, f"GRANT UPDATE ON t TO {role}", f"GRANT SELECT ON t TO {role} WITH GRANT OPTION")
    upgrade = changed(project, MODELS + f"Grant('SELECT', on='t', to='{role}', metadata=metadata)\n")
    assert f"REVOKE UPDATE ON t FROM {role};" in upgrade
    assert f"REVOKE GRANT OPTION FOR SELECT ON t FROM {role};" in upgrade


def test_none_at_all(project: Project, role: str) -> None:
    project.reach(MODELS)
    by_hand(project, f"GRANT UPDATE ON t TO {role}")
    none = MODELS + f"Grant((), on=t, to='{role}', metadata=metadata)\n"
    assert f"REVOKE ALL ON t FROM {role};" in changed(project, none)
    assert privileges(project) == []


def test_privileges_on_columns_outlive_those_on_the_table(project: Project, role: str) -> None:
    """REVOKE on a table takes the same privilege from its columns."""
    columns = f"Grant('SELECT, UPDATE', columns=('name',), on=t, to='{role}', metadata=metadata)\n"
    project.reach(MODELS + columns + f"Grant('SELECT, INSERT', on=t, to='{role}', metadata=metadata)\n")
    upgrade = changed(project, MODELS + columns)
    assert f"GRANT SELECT (name), UPDATE (name) ON t TO {role};" in upgrade
    assert privileges(project) == [f"GRANT SELECT(name),UPDATE(name) ON TABLE public.t TO {role}"]


def test_a_renamed_table_keeps_them(project: Project, role: str) -> None:
    grants = f"Grant('SELECT', on=t, to='{role}', metadata=metadata)\n"
    grants += f"Grant('INSERT', columns=('id',), on=t, to='{role}', metadata=metadata)\n"
    project.reach(MODELS + grants)
    renames = CompareOptions(renames=RenameFlags(tables=("t:u",)))
    upgrade = changed(project, HEAD.format(table="u", more="") + grants, options=renames)
    assert "GRANT" not in upgrade and "REVOKE" not in upgrade


def test_they_go_with_their_table_and_column(project: Project, role: str) -> None:
    rest = f"Grant('SELECT', on=t, to='{role}', metadata=metadata)\n"
    more = f"u = sa.Table('u', metadata, sa.Column('id', sa.Integer))\nGrant('ALL', on=u, to='{role}', metadata=metadata)\n"
    more += f"Grant('INSERT', columns=('x',), on=t, to='{role}', metadata=metadata)\n"
    project.reach(HEAD.format(table="t", more=", sa.Column('x', sa.Integer)") + rest + more)
    upgrade = changed(project, MODELS + rest)
    assert "REVOKE" not in upgrade


def test_a_sequence_of_a_column(project: Project, role: str) -> None:
    """Its privileges go with the table, whoever granted them."""
    project.reach(MODELS)
    by_hand(project, f"GRANT USAGE ON SEQUENCE t_id_seq TO {role}")
    assert project.generate().empty
    grants = f"Grant('USAGE, SELECT', on='SEQUENCE t_id_seq', to='{role}', metadata=metadata)\n"
    assert f"GRANT SELECT ON SEQUENCE t_id_seq TO {role};" in changed(project, MODELS + grants)


def test_grants_of_somebody_else_are_left_alone(project: Project, role: str) -> None:
    project.reach(MODELS)
    by_hand(
        project,
        f"GRANT SELECT ON t TO {role} WITH GRANT OPTION",
        f"SET ROLE {role}",
        "GRANT SELECT ON t TO pg_monitor",
        "RESET ROLE",
    )
    assert project.generate().empty
    by_hand(project, f"REVOKE SELECT ON t FROM {role} CASCADE")


def test_offline(project: Project, role: str) -> None:
    offline = CompareOptions(offline=True)
    project.models(MODELS + f"Grant('SELECT', on=t, to='{role}', metadata=metadata)\n")
    first = project.generate("first", options=offline)
    assert f'role "{role}" does not exist' in first.proof.text, "a private server does not have it"
    none = "Grant((), on=t, to='pg_monitor', metadata=metadata)\n"
    project.models(MODELS + f"Grant('SELECT, INSERT', on=t, to='{role}', metadata=metadata)\n" + none)
    report = project.generate("second", options=offline)
    assert f"GRANT INSERT ON t TO {role};" in report.text and "SELECT" not in report.text.partition("-- rollback")[0]
    assert project.generate("nothing", options=offline).empty
    project.models(MODELS)
    assert f"REVOKE ALL ON t FROM {role};" in project.generate("third", options=offline).text
    project.migrate()
    assert project.generate("again").empty and privileges(project) == []


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [
        ("Grant('EXECUTE', on=t, to='x', metadata=metadata)", "EXECUTE is not a privilege on a table"),
        ("Grant('DELETE', columns=('id',), on=t, to='x', metadata=metadata)", "DELETE is not a privilege on a column"),
        ("Grant('SELECT', on=Policy('p', on=t, metadata=metadata), to='x', metadata=metadata)", "not on a policy"),
        ("Policy('p', on=t, command='TRUNCATE', metadata=metadata)", "'TRUNCATE' is not one of ALL, DELETE"),
        ("Policy('p', on=t, command='INSERT', using='true', metadata=metadata)", "FOR INSERT takes with_check"),
    ],
)
def test_what_does_not_exist(project: Project, declaration: str, reason: str) -> None:
    project.models(MODELS + declaration + "\n")
    with pytest.raises(ModelReadError, match=reason):
        project.generate()
