"""Accounts and rights that a server shows: listed, and left alone.

The embedded engine has those of a users.xml, and no storage that a statement could change (error 514).
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.access_right import AccessRights
from dbwarden.dialects.base import local_server
from dbwarden.dialects.base.local_server import Instance
from dbwarden.dialects.base.readiness import connect_when_ready
from dbwarden.dialects.clickhouse.servers import LOCAL_SERVER
from dbwarden.errors import DatabaseError
from tests.servers import clickhouse
from tests.support.command import run, write_project

CONFIGURATION = "<clickhouse><user_directories><users_xml><path>{}</path></users_xml></user_directories></clickhouse>"
USERS = """<clickhouse>
<users>
<default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<access_management>1</access_management></default>
<app><password></password><networks><ip>::/0</ip></networks><profile>readers</profile><quota>hourly</quota>
<databases><shop><events><filter>id &lt; 5</filter></events></shop></databases>
<grants><query>GRANT SELECT(id) ON shop.events</query><query>GRANT INSERT ON shop.*</query></grants></app>
</users>
<roles><reader><grants><query>GRANT SELECT ON shop.* WITH GRANT OPTION</query></grants></reader></roles>
<profiles><default/><readers><readonly>1</readonly></readers></profiles>
<quotas><default/><hourly><interval><duration>3600</duration><queries>10</queries></interval></hourly></quotas>
</clickhouse>"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a database on a server with accounts, roles and row policies of its own."""
    source = clickhouse.find()
    if source.kind == clickhouse.VARIABLE:
        pytest.skip("a server of its own is needed")
    folder = tmp_path_factory.mktemp("access")
    (folder / "users.xml").write_text(USERS)
    (folder / "config.xml").write_text(CONFIGURATION.format(folder / "users.xml"))
    instance = Instance(Path(source.place), folder, password="x")
    local_server.initialize(LOCAL_SERVER, instance)
    child = clickhouse.launch(instance, folder / "config.xml")
    url = LOCAL_SERVER.url(instance)

    def failure(error: DatabaseError) -> AssertionError:
        return AssertionError(f"{error}\n{(folder / 'log').read_text()[-2000:]}")

    try:
        with connect_when_ready(lambda: connect(url), 60, failure, lambda: child.poll() is not None) as conn:
            conn.execute("CREATE DATABASE shop ENGINE = Atomic")
        yield url.removesuffix("default") + "shop"
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


def rights_of(url: str) -> tuple[AccessRights, int]:
    """The rights, and how many statements that took."""
    with connect(url) as conn:
        sent = conn.sent
        return dialects.get("clickhouse").access_rights(conn), conn.sent - sent


def test_all_are_listed_by_one_query(shop: str) -> None:
    rights, statements = rights_of(shop)
    assert statements == 1 and not rights.unreadable
    assert {f"{right} {right.definition}".rstrip() for right in rights.rights} >= {
        "user app",
        "role reader",
        "grant SELECT(id) ON events TO app",
        "grant INSERT ON * TO app",
        "grant SELECT ON * TO reader WITH GRANT OPTION",
        "row policy app ON events USING id < 5 TO app",
        "quota hourly TO app",
    }
    assert "settings profile readers" in map(str, rights.rights)
    assert {right.table for right in rights.rights if right.kind == "row policy"} == {"events"}


def test_an_account_without_the_right_lists_nothing(clickhouse_url: str) -> None:
    """The account of the other tests may not see users (error 497): nothing fails, in a constant number of queries."""
    rights, statements = rights_of(clickhouse_url)
    assert "user" in rights.unreadable and "row policy" in rights.unreadable
    assert statements <= 8
    with connect(clickhouse_url) as conn:
        sent = conn.sent
        assert dialects.get("clickhouse").table_rights(conn) == () and conn.sent - sent == 1


MODELS = """
from sqlalchemy import BigInteger, Column, MetaData, Table

metadata = MetaData()
Table("{}", metadata, Column("id", BigInteger, primary_key=True))
"""


def test_commands_list_them_and_a_rename_leaves_a_policy_behind(shop: str, tmp_path: Path) -> None:
    write_project(tmp_path, shop)
    (tmp_path / "models.py").write_text(MODELS.format("events"))
    run(tmp_path, "make-migrations", "first", "--no-proof")
    run(tmp_path, "migrate")
    shown = run(tmp_path, "check-db")
    assert "Accounts and rights, which migrations leave alone" in shown
    assert "  row policy app ON events USING id < 5 TO app\n" in shown and "  user app\n" in shown
    document = json.loads(run(tmp_path, "check-db", "--out", "json"))
    assert {"kind": "role", "name": "reader", "definition": ""} in document["access"]
    shown = " ".join(run(tmp_path, "diff").split())
    assert (
        "Left alone, as the models do not describe them: row policy app ON events, row policy default ON events"
        in shown
    )
    (tmp_path / "models.py").write_text(MODELS.format("incidents"))
    text = " ".join(run(tmp_path, "diff", "--rename-table", "events:incidents").split())
    assert "row policy app ON events, row policy default ON events guards the old name" in text
    assert "Create it for incidents before the rename" in text
    run(tmp_path, "make-migrations", "gone", "--no-proof", "--drop-unowned", "--rename-table", "events:incidents")
    assert "DROP" not in (tmp_path / "migrations" / "primary" / "0002_gone.sql").read_text()
