"""Macros in the paths of replicated tables survive the way to the server and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbwarden.dialects.clickhouse.replica_paths import isolated, restored, same_engine
from tests.servers import Unavailable, zookeeper
from tests.servers.clickhouse_cluster import CLUSTER, Servers
from tests.support.command import rows, run, write_project

TREE, OTHER = "ReplicatedMergeTree", "ReplicatedReplacingMergeTree"


@pytest.mark.parametrize(
    ("existing", "stated"),
    [
        (f"{TREE}('/t/app/events/{{shard}}', '{{replica}}')", f"{TREE}('/t/{{database}}/{{table}}/{{shard}}', '{{replica}}')"),
        ("ReplicatedMergeTree('/t/{database}/{table}', '{replica}')", "ReplicatedMergeTree('/t/{database}/{table}', '{replica}')"),
        ("ReplicatedMergeTree('/t/8b6a1a2e-3c7d-4b2a-9c3e-0a1b2c3d4e5f', 'r1')", "ReplicatedMergeTree('/t/{uuid}', 'r1')"),
        ("ReplicatedMergeTree('/ours/{uuid}/{shard}', '{replica}')", "ReplicatedMergeTree"),
        (f"{OTHER}('/t/events', '{{replica}}', version)", f"{OTHER}('/t/{{table}}', '{{replica}}', version)"),
        (f"{OTHER}('/ours/{{uuid}}', '{{replica}}', version)", f"{OTHER}(version)"),
    ],
)  # fmt: skip
def test_a_path_is_what_the_server_has_made_of_the_models(existing: str, stated: str) -> None:
    assert same_engine(existing, stated)


@pytest.mark.parametrize(
    ("existing", "stated"),
    [
        ("ReplicatedMergeTree('/t/app/events', '{replica}')", "ReplicatedMergeTree('/t/{table}', '{replica}')"),
        ("ReplicatedMergeTree('/t/events', 'r1')", "ReplicatedMergeTree('/t/{table}', '{replica}')"),
        ("ReplicatedMergeTree('/t/events', 'r1')", "ReplicatedMergeTree('/t/{uuid}', 'r1')"),
        (f"{OTHER}('/t/events', 'r1', a)", f"{OTHER}('/t/events', 'r1', b)"),
        (f"{OTHER}('/t/events', 'r1', a)", "ReplicatedMergeTree('/t/events', 'r1')"),
        ("ReplicatedMergeTree", "ReplicatedMergeTree('/t/{table}', 'r1')"),
        ("MergeTree", "MergeTree"),
    ],
)
def test_another_path_is_another_engine(existing: str, stated: str) -> None:
    assert not same_engine(existing, stated)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE t (a Int8) ENGINE = ReplicatedMergeTree('/t/{shard}', '{replica}')",
         "CREATE TABLE t (a Int8) ENGINE = ReplicatedMergeTree('/t/{shard}_s', '{replica}')"),
        ("CREATE TABLE t (a Int8) ENGINE = MergeTree COMMENT 'ReplicatedMergeTree(''/t'''", None),
        ("CREATE TABLE t (a Int8) ENGINE = ReplicatedReplacingMergeTree(a)", None),
        ("SELECT 'ReplicatedMergeTree(' -- ReplicatedMergeTree('x'", None),
    ],
)  # fmt: skip
def test_a_scratch_database_has_paths_of_its_own(sql: str, expected: str | None) -> None:
    assert isolated(sql, "s") == (expected or sql)
    assert restored(isolated(sql, "s"), "s") == sql


MODELS = """
from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from dbwarden.objects import TableClauses

class Base(DeclarativeBase):
    pass

class Event(Base):
    __tablename__ = "events"
    __table_args__ = (TableClauses(engine="ReplicatedMergeTree('/{path}/{{shard}}', '{{replica}}')"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    {column}
"""
COLUMN = "x: Mapped[int] = mapped_column(BigInteger)"


def generate(project: Path, name: str, path: str, column: str = "") -> str:
    """The text of a migration that was generated, tried out, and applied; models and database then agree."""
    (project / "models.py").write_text(MODELS.format(path=path, column=column))
    run(project, "make-migrations", name)
    text = next(project.glob(f"migrations/*/*_{name}.sql")).read_text()
    assert text.startswith("-- proven: "), text
    run(project, "migrate")
    run(project, "diff", "--exit-code")
    return text


@pytest.mark.parametrize("path", ["{database}/{table}", "{database}/events"])
def test_a_current_server_replaces_some_macros(clickhouse_url: str, tmp_path: Path, path: str) -> None:
    try:
        zookeeper.find()
    except Unavailable as reason:
        pytest.skip(f"replicated tables need ZooKeeper: {reason}")
    write_project(tmp_path, clickhouse_url)
    text = generate(tmp_path, "create", path)
    assert (
        "ReplicatedMergeTree('/{database}/{table}/{shard}', '{replica}')" in text and "DROP TABLE events SYNC;" in text
    )
    created = str(rows(clickhouse_url, "SHOW CREATE TABLE events"))
    assert "/events/{shard}" in created and "{replica}" in created and "{database}" not in created
    run(tmp_path, "rollback", "--force")
    run(tmp_path, "migrate")  # the path is free again
    assert str(rows(clickhouse_url, "SHOW CREATE TABLE events")) == created


def test_an_old_server_keeps_macros_and_a_scratch_database_stays_apart(
    clickhouse_nodes: Servers, tmp_path: Path
) -> None:
    clickhouse_nodes.create_database("paths")
    url = clickhouse_nodes.nodes[0].url("paths")
    write_project(tmp_path, url, cluster=CLUSTER, lock="none")
    generate(tmp_path, "create", "paths/events")
    created = rows(url, "SHOW CREATE TABLE events")
    assert "/paths/events/{shard}" in str(created) and "{replica}" in str(created)
    assert "ADD COLUMN x Int64" in generate(tmp_path, "add", "paths/events", COLUMN)
    run(tmp_path, "rollback", "--force")
    assert rows(url, "SHOW CREATE TABLE events") == created
    replicas = "SELECT total_replicas FROM system.replicas WHERE database = 'paths' AND table = 'events'"
    assert rows(url, replicas) == [(2,)]
