"""Declared privileges, roles and memberships of MySQL and MariaDB, which keep them by names for the whole server."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

import dbwarden
from dbwarden.api.comparison import CompareOptions
from dbwarden.api.connection import connect
from dbwarden.api.renaming import RenameFlags
from dbwarden.errors import ModelReadError, PermissionDenied, Unsupported
from tests.servers.fixtures import put_dump_programs_on_path
from tests.support.project import Project

HEAD = """
import sqlalchemy as sa
from dbwarden.objects import Function, Grant, Membership, Role, View
metadata = sa.MetaData()
t = sa.Table("{table}", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("{column}", sa.Integer))
f = Function("f()", "RETURNS INT DETERMINISTIC RETURN 1", metadata=metadata)
v = View("v", "SELECT 1 AS one", metadata=metadata)
"""
MODELS = HEAD.format(table="t", column="n")
TABLE = MODELS.partition("f = ")[0]


@pytest.fixture(params=["mysql", "mariadb"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    url = request.getfixturevalue(f"{request.param}_url")
    put_dump_programs_on_path(url, monkeypatch)  # what reaches beyond a database is proven on a private server
    return Project(tmp_path / "project", url)


@pytest.fixture
def name(project: Project) -> Iterator[str]:
    """The beginning of the names of accounts and roles, which are dropped afterwards."""
    prefix = f"r{secrets.token_hex(4)}"
    with connect(project.url) as conn:
        conn.execute(f"CREATE USER {prefix}_app@localhost, {prefix}_web")
    yield prefix
    with connect(project.url) as conn:
        for user, host in conn.query(f"SELECT User, Host FROM mysql.user WHERE User LIKE '{prefix}%'"):
            conn.execute(f"DROP USER '{user}'@'{host}'" if host else f"DROP ROLE {user}")


def shown(project: Project, *accounts: str) -> list[str]:
    """What SHOW GRANTS says, sorted, without the name of the database."""
    with connect(project.url) as conn:
        database = conn.query("SELECT DATABASE()")[0][0]
        lines = [str(row[0]) for account in accounts for row in conn.query(f"SHOW GRANTS FOR {account}")]
    return sorted(
        line.replace(f"`{database}`.", "").partition(" IDENTIFIED")[0] for line in lines if "USAGE ON *.*" not in line
    )


def changed(project: Project, models: str, *accounts: str, **options: object) -> str:
    """Go to the models, back, and there again; returns the upgrade."""
    former = shown(project, *accounts)
    project.models(models)
    report = project.generate(**options)
    assert report.proof.proven, report.proof.text
    assert shown(project, *accounts) == former, "what was tried out is not on the server"
    project.migrate()
    reached = shown(project, *accounts)
    again = project.generate("again")
    assert again.empty, again.text
    project.rollback()
    assert shown(project, *accounts) == former, report.text
    project.migrate()
    assert shown(project, *accounts) == reached
    return str(report.text).partition("-- rollback")[0]


def test_there_and_back(project: Project, name: str) -> None:
    app, web = f"{name}_app@localhost", f"{name}_web"
    with connect(project.url) as conn:
        conn.execute(f"CREATE ROLE {name}_other")
    upgrade = changed(
        project,
        MODELS
        + f"""
Grant("SELECT, INSERT", on=t, to="{app}", metadata=metadata)
Grant("UPDATE", columns=("n",), on=t, to=("{app}", "{web}"), grantable=True, metadata=metadata)
Grant("SELECT, EXECUTE", on="DATABASE", to="{web}", metadata=metadata)
Grant("EXECUTE", on=f, to="{app}", metadata=metadata)
Grant("SELECT", on=v, to="{web}", metadata=metadata)
Grant("PROCESS", on="*.*", to="{app}", metadata=metadata)
Membership("{name}_other", to="{app}", admin=True, default=True, metadata=metadata)
""",
        app,
        web,
    )
    upgrade = changed(
        project,
        MODELS.replace("RETURN 1", "RETURN 2")
        + f"""
u = sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True))
Grant("SELECT", on=t, to="{app}", grantable=True, metadata=metadata)
Grant("SELECT, UPDATE", columns=("n",), on=t, to="{app}", metadata=metadata)
Grant("ALL", on=u, to="{app}", metadata=metadata)
Grant("SELECT", on="DATABASE", to="{web}", grantable=True, metadata=metadata)
Grant("EXECUTE, ALTER ROUTINE", on="FUNCTION f", to="{app}", metadata=metadata)
Membership("{name}_other", to="{app}", metadata=metadata)
""",
        app,
        web,
    )
    for line in (
        f"REVOKE INSERT ON t FROM {name}_app@localhost;",
        f"GRANT SELECT (n) ON t TO {name}_app@localhost;",
        f"REVOKE EXECUTE ON * FROM {name}_web;",
        f"REVOKE PROCESS ON *.* FROM {name}_app@localhost;",
    ):
        assert line in upgrade, upgrade
    upgrade = changed(project, MODELS, app, web)
    assert f"REVOKE ALL PRIVILEGES ON u FROM {name}_app@localhost;" in upgrade, "the server would keep them"
    assert shown(project, app, web) == []


def test_names_change(project: Project, name: str) -> None:
    """The server leaves privileges with the old name of a table or column: they are carried along, declared or not."""
    grants = f"""
Grant("SELECT", on=t, to="{name}_web", metadata=metadata)
Grant("UPDATE", columns=(t.c[1].name,), on=t, to="{name}_web", metadata=metadata)
Role("{name}_staff", metadata=metadata)
Grant("INSERT", on=t, to="{name}_staff", metadata=metadata)
"""
    project.reach(MODELS + grants)
    with connect(project.url) as conn:
        conn.execute(f"GRANT DELETE ON t TO {name}_app@localhost WITH GRANT OPTION")
    project.models(MODELS + grants)
    assert f"privileges of {name}_app@localhost (t)" in project.generate("nothing").unowned
    renames = CompareOptions(renames=RenameFlags(tables=("t:u",), parts=("u.n:m",)))
    who = (f"{name}_web", f"{name}_app@localhost", f"{name}_staff")
    changed(project, HEAD.format(table="u", column="m") + grants, *who, options=renames)
    lines = "\n".join(shown(project, *who)).replace("`", "")
    for privileges in ("SELECT, UPDATE (m) ON u", "INSERT ON u", "DELETE ON u"):
        assert privileges in lines, lines
    assert "ON t " not in lines
    with connect(project.url) as conn:
        conn.execute(f"GRANT SELECT ON information_schema_.* TO {name}_staff")
    project.models(HEAD.format(table="u", column="m"))
    with pytest.raises(Unsupported, match="privileges in database information_schema_, which would go with it"):
        project.generate()
    with connect(project.url) as conn:
        conn.execute(f"REVOKE ALL PRIVILEGES ON information_schema_.* FROM {name}_staff")
    upgrade = changed(project, HEAD.format(table="u", column="m"), f"{name}_web")
    assert f"DROP ROLE {name}_staff;" in upgrade


def test_what_an_account_may_not_read(project: Project, tmp_path: Path, name: str) -> None:
    """Privileges of others are never taken for none: the command says which GRANT is missing."""
    project.reach(TABLE)
    with connect(project.url) as conn:
        database = conn.query("SELECT DATABASE()")[0][0]
        conn.execute(f"GRANT ALL ON {database}.* TO {name}_web")
        conn.execute(f"ALTER USER {name}_web IDENTIFIED BY 'Secret-1234'")
    url = project.url.partition("://")[0] + f"://{name}_web:Secret-1234@" + project.url.rpartition("@")[2]
    project = project.copied(tmp_path / "poor", url)
    project.models(TABLE)
    assert project.generate().empty
    project.models(TABLE + f"Grant('SELECT', on=t, to='{name}_app@localhost', metadata=metadata)\n")
    with pytest.raises(PermissionDenied) as refused:
        project.generate("more")
    assert "mysql" in str(refused.value.hint), refused.value


def test_generated_models_declare_what_is_granted(project: Project, tmp_path: Path, name: str) -> None:
    """On tables, columns and routines: those on the database and the server are for administrators."""
    project.reach(TABLE)
    app, web = f"{name}_app@localhost", f"{name}_web"
    with connect(project.url) as conn:
        database = conn.query("SELECT DATABASE()")[0][0]
        conn.execute(f"ALTER USER {web} IDENTIFIED BY 'Secret-1234'")
        for grant in (
            f"INSERT, SELECT, UPDATE (n) ON t TO {app} WITH GRANT OPTION",
            f"ALL ON {database}.* TO {web}",
            f"PROCESS ON *.* TO {web}",
        ):
            conn.execute(f"GRANT {grant}")
    poor = project.url.partition("://")[0] + f"://{web}:Secret-1234@" + project.url.rpartition("@")[2]
    report = dbwarden.generate_models(config=project.copied(tmp_path / "poor", poor).config)
    assert report.source is not None and "Grant(" not in report.source and report.differences == ()
    assert any("privileges" in line and "GRANT SELECT ON mysql.*" in line for line in report.left_out), report.left_out

    project.reach(MODELS)
    with connect(project.url) as conn:
        conn.execute(f"GRANT SELECT ON v TO {web}")
        conn.execute(f"GRANT EXECUTE ON FUNCTION f TO {web}")
    report = dbwarden.generate_models(config=project.config)
    source = report.source
    assert source is not None and (report.differences, report.left_out) == ((), ()), report
    written = [" ".join(line.split()) for line in re.findall(r"^Grant\((.*?)\)$", source, re.MULTILINE | re.DOTALL)]
    assert len(written) == 4 and not any("DATABASE" in line or "*.*" in line for line in written), source
    before = shown(project, app, web)
    project.models(source)
    assert project.generate("same").empty
    with connect(project.url) as conn:
        conn.execute(f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {app}")
        conn.execute(f"REVOKE EXECUTE ON FUNCTION f FROM {web}")
    assert shown(project, app, web) != before
    project.generate("again", proof=False)
    project.migrate()
    assert shown(project, app, web) == before, "all of them are declared"


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [
        ("Grant('EVENT', on=t, to='x', metadata=metadata)", "EVENT cannot be declared on a table"),
        ("Grant('DELETE', columns=('n',), on=t, to='x', metadata=metadata)", "DELETE cannot be declared on a column"),
        ("Grant('ALL', on='*.*', to='x', metadata=metadata)", "name each privilege"),
        ("Grant('SELECT', on='other.t', to='x', metadata=metadata)", "in another database"),
        ("Role('x', login=True, metadata=metadata)", "has no login"),
        ("Membership('x', to='y', set=False, metadata=metadata)", "are PostgreSQL's"),
    ],
)
def test_what_does_not_exist(tmp_path: Path, mysql_url: str, declaration: str, reason: str) -> None:
    project = Project(tmp_path / "project", mysql_url)
    project.models(MODELS + declaration + "\n")
    with pytest.raises(ModelReadError, match=reason):
        project.generate()


def test_rights_in_a_schema_file(project: Project, name: str) -> None:
    app, web, role = f"{name}_app@localhost", f"{name}_web", f"{name}_role"
    statements = (
        f"CREATE ROLE {role}",
        f"GRANT {role} TO {app}, {web} WITH ADMIN OPTION",
        f"GRANT SELECT, INSERT, UPDATE (n, `id`) ON TABLE t TO {app}, '{name}_web'@'%'",
        f"GRANT SELECT ON v TO {role} WITH GRANT OPTION",
        f"GRANT EXECUTE ON FUNCTION f TO {role}",
        f"GRANT SELECT, CREATE VIEW ON * TO {web}",
        f"GRANT PROCESS, SHOW DATABASES ON *.* TO {role}",
    )
    folder = Path(project.config).parent / "schema"
    folder.mkdir()
    (folder / "rights.sql").write_text(";\n".join(statements) + ";\n")
    project.models(MODELS)
    report = project.generate()
    assert report.proof.proven, report.proof.text
    project.migrate()
    reached = shown(project, app, web, role)
    assert len(reached) > 6, reached
    with connect(project.url) as conn:
        conn.execute(f"GRANT SHOW DATABASES ON *.* TO {app}")
    again = project.generate("again")
    assert again.empty and f"privileges of {app} (server)" in again.unowned, again.unowned
    with connect(project.url) as conn:
        conn.execute(f"REVOKE SHOW DATABASES ON *.* FROM {app}")
    (folder / "rights.sql").write_text("")
    gone = project.generate("gone")
    assert gone.proof.proven and f"DROP ROLE {role};" in gone.text, gone.text
    project.migrate()
    project.rollback()
    assert shown(project, app, web, role) == reached
    project.migrate()
    assert shown(project, app, web) == []
    with connect(project.url) as conn:
        for statement in statements:
            conn.execute(statement)
    assert shown(project, app, web, role) == reached


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("REVOKE SELECT ON t FROM x", "leave the GRANT out"),
        ("CREATE USER x IDENTIFIED BY 'y'", "created on the server"),
        ("CREATE ROLE x WITH ADMIN y", "WITH of a role"),
        ("GRANT SELECT ON other.t TO x", "another database"),
        ("GRANT SELECT ON other.* TO x", "another database"),
        ("GRANT SELECT ON t TO x REQUIRE SSL", "REQUIRE of a GRANT"),
    ],
)
def test_what_a_schema_file_cannot_declare(tmp_path: Path, mysql_url: str, statement: str, reason: str) -> None:
    project = Project(tmp_path / "project", mysql_url)
    project.models(MODELS)
    folder = Path(project.config).parent / "schema"
    folder.mkdir()
    (folder / "rights.sql").write_text(f"{statement};\n")
    with pytest.raises(ModelReadError, match=reason):
        project.generate()
