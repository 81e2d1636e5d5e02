"""Roles and memberships, which belong to the server, and default privileges: there and back, and nothing left behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.errors import ModelReadError, Unsupported
from tests.support.project import Project

MODELS = """
from datetime import UTC, datetime
import sqlalchemy as sa
from dbwarden.objects import DefaultPrivileges, Grant, Membership, Role
metadata = sa.MetaData()
t = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.fixture
def name(postgresql_url: str) -> Iterator[str]:
    """The beginning of the names of roles, which are dropped afterwards."""
    prefix = f"r{secrets.token_hex(4)}"
    yield prefix
    with connect(postgresql_url) as conn:
        rows = conn.query(f"SELECT rolname::text FROM pg_roles WHERE rolname LIKE '{prefix}%'")
        for (role,) in rows:
            conn.execute(f"DROP OWNED BY {role}")
        for (role,) in rows:
            conn.execute(f"DROP ROLE {role}")


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    return Project(tmp_path / "project", postgresql_url)


def roles(project: Project, prefix: str) -> list[tuple[object, ...]]:
    """What the server has of these roles, memberships and default privileges included."""
    with connect(project.url) as conn:
        return [
            *conn.query(
                "SELECT rolname::text, rolcanlogin, rolinherit, rolcreatedb, rolconnlimit,"
                " nullif(rolvaliduntil, 'infinity')::text, setconfig,"
                " shobj_description(r.oid, 'pg_authid') FROM pg_roles r LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid"
                f" WHERE rolname LIKE '{prefix}%' ORDER BY 1"
            ),
            *conn.query(
                "SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members"
                f" WHERE member::regrole::text LIKE '{prefix}%' ORDER BY 1, 2"
            ),
            *conn.query(
                "SELECT defaclrole::regrole::text, defaclobjtype::text, defaclacl::text FROM pg_default_acl ORDER BY 2"
            ),
        ]


def changed(project: Project, models: str, prefix: str) -> str:
    """Go to the models, back, and there again; returns the upgrade."""
    former = roles(project, prefix)
    project.models(models)
    report = project.generate()
    assert report.proof.proven, report.proof.text
    assert roles(project, prefix) == former, "what was tried out is not on the server"
    project.migrate()
    reached = roles(project, prefix)
    again = project.generate("again")
    assert again.empty, again.text
    project.rollback()
    assert roles(project, prefix) == former, report.text
    project.migrate()
    assert roles(project, prefix) == reached
    return str(report.text).partition("-- rollback")[0]


BEFORE = """
Role("{name}_staff", metadata=metadata, comment="who works here")
Role("{name}_app", login=True, connection_limit=5, valid_until="2030-01-01 01:00:00+01", member_of="{name}_staff",
     settings={{"search_path": 'public, "$user"', "statement_timeout": "5s"}}, metadata=metadata)
Role("{name}_other", inherit=False, metadata=metadata)
Membership("{name}_staff", to="{name}_other", admin=True, metadata=metadata)
Grant("SELECT", on=t, to="{name}_staff", metadata=metadata)
Grant("CONNECT", on="DATABASE", to="{name}_app", grantable=True, metadata=metadata)
Grant((), on="DATABASE", to="PUBLIC", metadata=metadata)
Grant("USAGE", on="LANGUAGE plpgsql", to="{name}_app", metadata=metadata)
DefaultPrivileges("SELECT, INSERT", on="TABLES", to="{name}_staff", metadata=metadata)
DefaultPrivileges((), on="FUNCTIONS", to="PUBLIC", metadata=metadata)
DefaultPrivileges("USAGE", on="SEQUENCES", to="{name}_app", in_schema="public", for_role="{name}_staff", metadata=metadata)
"""
AFTER = """
Role("{name}_staff", metadata=metadata, createdb=True)
Role("{name}_app", login=True, connection_limit=7, settings={{"search_path": "public", "work_mem": "8MB"}}, metadata=metadata)
Membership("{name}_staff", to="{name}_app", admin=True, metadata=metadata)
u = sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True))
Grant("SELECT, UPDATE", on=t, to="{name}_staff", metadata=metadata)
Grant("SELECT", on=u, to="{name}_staff", metadata=metadata)
Grant("CONNECT, CREATE", on="DATABASE", to="{name}_app", metadata=metadata)
DefaultPrivileges("SELECT, DELETE", on="TABLES", to="{name}_staff", grantable=True, metadata=metadata)
"""


def test_there_and_back(project: Project, name: str) -> None:
    upgrade = changed(project, MODELS + BEFORE.format(name=name), name)
    for line in (
        f"CREATE ROLE {name}_app LOGIN CONNECTION LIMIT 5 VALID UNTIL '2030-01-01 00:00:00+00';",
        f"ALTER ROLE {name}_app SET search_path TO 'public', '$user';",
        f"GRANT {name}_staff TO {name}_other WITH ADMIN OPTION;",
        "DO $$BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END$$;",
        f"GRANT USAGE ON LANGUAGE plpgsql TO {name}_app;",
        "ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {name}_staff IN SCHEMA public GRANT USAGE ON SEQUENCES TO {name}_app;",
    ):
        assert line in upgrade, upgrade
    assert "PASSWORD" not in upgrade
    with connect(project.url) as conn:
        conn.execute(f"GRANT {name}_staff TO pg_monitor")
        conn.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {name}_other")
        conn.execute(f"GRANT DELETE ON t TO {name}_other")
        conn.execute(f"CREATE ROLE {name}_undeclared IN ROLE {name}_staff")
    unowned = project.generate("nothing").unowned
    assert f"privileges of {name}_other (t)" in unowned
    assert f"default privileges {name}_other on tables" in unowned and f"role {name}_undeclared" not in unowned
    assert f"membership {name}_undeclared in {name}_staff" in unowned
    _there_and_back_again(project, name)


def _there_and_back_again(project: Project, name: str) -> None:
    with connect(project.url) as conn:
        conn.execute(f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {name}_other")
        conn.execute(f"REVOKE ALL ON t FROM {name}_other")
    upgrade = changed(project, MODELS + AFTER.format(name=name), name)
    for line in (
        f"DROP ROLE {name}_other;",
        f"ALTER ROLE {name}_app CONNECTION LIMIT 7 VALID UNTIL 'infinity';",
        f"ALTER ROLE {name}_app RESET statement_timeout;",
        f"GRANT {name}_staff TO {name}_app WITH ADMIN OPTION;",
        f"ALTER DEFAULT PRIVILEGES REVOKE INSERT ON TABLES FROM {name}_staff;",
        f"REVOKE DELETE, INSERT ON u FROM {name}_staff;",
        f"REVOKE GRANT OPTION FOR SELECT ON u FROM {name}_staff;",
    ):
        assert line in upgrade, upgrade
    with connect(project.url) as conn:
        conn.execute("CREATE TABLE owned ()")
        conn.execute(f"ALTER TABLE owned OWNER TO {name}_app")
    project.models(MODELS)
    with pytest.raises(Unsupported, match="it still has 1 object in database") as refused:
        project.generate()
    assert f"REASSIGN OWNED BY {name}_app TO new_owner; DROP OWNED BY {name}_app;" in str(refused.value.hint)
    with connect(project.url) as conn:
        conn.execute("DROP TABLE owned")
    upgrade = changed(project, MODELS, name)
    assert f"DROP ROLE {name}_app;" in upgrade and f"DROP ROLE {name}_staff;" in upgrade


def test_what_does_not_exist(project: Project) -> None:
    for declaration, reason in (
        ("DefaultPrivileges('EXECUTE', on='TABLES', to='x', metadata=metadata)", "not a privilege on tables"),
        ("DefaultPrivileges('USAGE', on='SCHEMAS', to='x', in_schema='s', metadata=metadata)", "not on SCHEMAS"),
        ("Role('x', valid_until='2030-01-01', metadata=metadata)", "has no time zone"),
        ("Membership('x', to='y', set=False, metadata=metadata)", "begin with PostgreSQL 16"),
        ("Grant('SELECT', on='DATABASE', to='x', metadata=metadata)", "SELECT is not a privilege on a database"),
    ):
        project.models(MODELS + declaration + "\n")
        with pytest.raises(ModelReadError, match=reason):
            project.generate()
