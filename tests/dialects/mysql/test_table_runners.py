"""Runners of ALTER TABLE: what they are asked for, what they cannot do, and what they leave."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Server
from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.table_runner import TableChange, fill, leftovers
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.mysql.dialect import FLAVOURS
from dbwarden.dialects.mysql.table_runners import GH_OST, PT, Runners
from dbwarden.runtime.connection import DatabaseConnection

from .conftest import Flavour

RUNNERS = Runners(FLAVOURS["mysql"])


@pytest.mark.parametrize(
    ("sql", "schema", "alter"),
    [
        ("ALTER TABLE t ADD COLUMN a INT, ALGORITHM=COPY, LOCK=NONE", None, "ADD COLUMN a INT"),
        ("alter /* it */ table shop.t drop column a", "shop", "drop column a"),
        (
            "ALTER TABLE `t` WAIT 3 MODIFY a ENUM('x, y') COMMENT 'LOCK=NONE'",
            None,
            "MODIFY a ENUM('x, y') COMMENT 'LOCK=NONE'",
        ),
        (
            "ALTER TABLE t ENGINE=InnoDB, ADD INDEX i (a), ADD CHECK (a > 0)",
            None,
            "ENGINE=InnoDB, ADD INDEX i (a), ADD CHECK (a > 0)",
        ),
        (
            "ALTER TABLE t CHANGE a a BIGINT, CONVERT TO CHARACTER SET utf8mb4",
            None,
            "CHANGE a a BIGINT, CONVERT TO CHARACTER SET utf8mb4",
        ),
        ("ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 4", None, "PARTITION BY HASH (id) PARTITIONS 4"),
    ],
)
def test_what_a_runner_is_asked_for(sql: str, schema: str | None, alter: str) -> None:
    assert RUNNERS.change(sql) == TableChange(Ref("table", "t", schema), alter)


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE INDEX i ON t (a)", "it is not an ALTER TABLE"),
        ("UPDATE t SET a = 1", "it is not an ALTER TABLE"),
        ("RENAME TABLE a TO b, c TO d", "it is not an ALTER TABLE"),
        ("DROP TABLE a, b", "it is not an ALTER TABLE"),
        ("ALTER TABLE t ALGORITHM=COPY", "no clause besides ALGORITHM and LOCK"),
        ("ALTER IGNORE TABLE t ADD COLUMN a INT", "IGNORE deletes rows"),
        ("ALTER TABLE t RENAME TO u", "it renames the table"),
        ("ALTER TABLE t RENAME COLUMN a TO b", "it renames a to b"),
        ("ALTER TABLE t CHANGE a b INT", "it renames a to b"),
        ("ALTER TABLE t ADD UNIQUE (a)", "a new unique key"),
        ("ALTER TABLE t ADD UNIQUE KEY u (a)", "a new unique key"),
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", "a new unique key"),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", "a new unique key"),
        ("ALTER TABLE t ADD COLUMN a INT UNIQUE", "a new unique key"),
        ("ALTER TABLE t DROP PRIMARY KEY", "the key by which rows are copied"),
        ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id)", "a foreign key of the copy"),
        ("ALTER TABLE t DROP FOREIGN KEY f", "a foreign key of the copy"),
        ("ALTER TABLE t DROP PARTITION p", "it changes partitions"),
        ("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "it changes partitions"),
        ("ALTER TABLE t ADD SYSTEM VERSIONING", "the history"),
        ("ALTER TABLE `t;x` ADD COLUMN a INT", "cannot stand on a command line"),
    ],
)
def test_what_no_runner_can_do(sql: str, reason: str) -> None:
    answer = RUNNERS.change(sql)
    assert isinstance(answer, str) and reason in answer


@pytest.mark.parametrize("runner", [GH_OST, PT])
def test_tables_that_a_copy_would_damage(runner: str, flavour: Flavour) -> None:
    execute(
        flavour.conn,
        "CREATE TABLE fine (id INT PRIMARY KEY)",
        "CREATE TABLE u (id INT PRIMARY KEY)",
        "CREATE TABLE c (id INT PRIMARY KEY, u_id INT, CONSTRAINT fk FOREIGN KEY (u_id) REFERENCES u (id))",
        "CREATE TABLE loud (id INT PRIMARY KEY)",
        "CREATE TRIGGER noise BEFORE INSERT ON loud FOR EACH ROW SET NEW.id = NEW.id",
        "CREATE TABLE keyless (a INT, UNIQUE (a))",
        "CREATE TABLE keyed (a INT NOT NULL, b INT, UNIQUE (b), UNIQUE (a))",
    )
    names = ("fine", "keyed", "missing", "u", "c", "loud", "keyless")
    obstacles = [Runners(flavour.dialect.server).obstacle(flavour.conn, runner, Ref("table", name)) for name in names]
    assert obstacles[:3] == [None] * 3
    assert obstacles[3] == obstacles[4]
    assert [str(reason).split(",")[0] for reason in obstacles[4:]] == [
        "the foreign key fk leads from c to u",
        "the table has the trigger noise",
        "it copies rows by a unique key without NULL",
    ]
    if flavour.name == "mariadb":
        flavour.conn.execute("CREATE TABLE versions (id INT PRIMARY KEY) WITH SYSTEM VERSIONING")
        reason = Runners(flavour.dialect.server).obstacle(flavour.conn, runner, Ref("table", "versions"))
        assert reason == "the copy of a system-versioned table would lose its history"


def test_what_a_runner_needs_while_it_works(flavour: Flavour) -> None:
    execute(
        flavour.conn,
        *(
            f"CREATE TABLE {name} (id INT PRIMARY KEY)"
            for name in ("t", "_t_new", "_t_gho", "_t_old", "_u_new", "xt_new")
        ),
        "CREATE TRIGGER pt_osc_x_t_ins AFTER INSERT ON t FOR EACH ROW REPLACE INTO _t_new VALUES (NEW.id)",
        "CREATE TRIGGER ptaosc AFTER DELETE ON t FOR EACH ROW DELETE FROM _t_new WHERE id = OLD.id",
    )
    runners = Runners(flavour.dialect.server)
    unfinished = runners.unfinished(flavour.conn, Ref("table", "t"))
    assert unfinished[0] == "DROP TRIGGER pt_osc_x_t_ins"
    assert sorted(unfinished[1:]) == ["DROP TABLE _t_gho", "DROP TABLE _t_new"]
    assert runners.unfinished(flavour.conn, Ref("table", "xt")) == ()


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("_t_gho", "t"), ("_t_ghc", "t"), ("_t_del", "t"), ("_t_20260101101112_del", "t"), ("_t_new", "t"), ("__t_new", "t"),
        ("_t_old", "t"), ("_a_b_old", "a_b"), ("t_old", None), ("_old", None), ("_t_older", None), ("_t_2026_del", "t_2026"),
    ],
)  # fmt: skip
def test_names_of_what_a_runner_leaves(name: str, original: str | None) -> None:
    assert RUNNERS.original(Ref("table", name)) == original


def test_only_beside_the_original_and_not_what_somebody_describes() -> None:
    number = Column("id", DataType("int"))
    schema = Schema(Table.of(name, [number]) for name in ("T", "_t_old", "_t_new", "_u_new"))
    assert leftovers(schema, {Ref("table", "_t_new")}, RUNNERS) == (Ref("table", "_t_old"),)
    assert leftovers(schema, (), None) == ()


def test_the_command_lines(flavour: Flavour) -> None:
    change = TableChange(Ref("table", "t"), "ADD COLUMN a INT")
    runners = Runners(flavour.dialect.server)
    access, commands = runners.access(flavour.conn, change), runners.commands
    traditional = ",explain_format=TRADITIONAL" if flavour.name == "mysql" else ""
    url = flavour.conn.url
    paths = {name: f"/{name}" for name in access.files}
    assert fill(commands[PT], {**access.values, **paths}) == (
        PT, "--alter=ADD COLUMN a INT", "--execute", "--no-version-check", "--recursion-method=processlist",
        f"--set-vars=lock_wait_timeout=31536000{traditional}", f"F=/defaults_file,D={url.database},t=t",
    )  # fmt: skip
    words = fill(commands[GH_OST], {**access.values, **paths, "ssl_ca": "/ca.pem", "tls": "true"})
    assert words[:5] == (GH_OST, "--conf=/credentials_file", f"--host={url.host}", f"--port={url.port}", "--ssl=true")
    assert words[5] == "--ssl-ca=/ca.pem" and words[6] == f"--database={url.database}"
    assert url.password is not None and access.secrets == (url.password,)
    assert not any(url.password in word for word in (*words, repr(access)))
    lines = access.files["credentials_file"].splitlines()
    assert lines == ["[client]", f'user="{url.username}"', f'password="{url.password}"']
    assert 'protocol="tcp"' in access.files["defaults_file"]


def test_versions_without_a_format_of_explain() -> None:
    assert "explain_format" not in str(Runners(Server((8, 0, 31), "mysql")).commands)


def execute(conn: DatabaseConnection, *statements: str) -> None:
    for sql in statements:
        conn.execute(sql)
