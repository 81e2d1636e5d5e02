"""Replicate tables of a cluster

A table that is created ON CLUSTER without a replicated engine exists on every server, each with rows of its own: an insert
through one server is not seen on the other replicas of its shard. If the definition of the cluster says that its tables are
replicated (`internal_replication`), the server also refuses every later `ALTER TABLE ... ON CLUSTER` of such a table (error
371).

```sql
CREATE TABLE events ON CLUSTER 'analytics' (id Int64) ENGINE = MergeTree ORDER BY id;
```

Instead: let the models say the replicated engine. DBWarden does not replace an engine by another one.

```sql
CREATE TABLE events ON CLUSTER 'analytics' (id Int64)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/events', '{replica}') ORDER BY id;
```

INFO: on shards without replicas it may be what you want; `-- dbwarden: ignore replicate-on-clusters: reason` says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import CreateTable


def check(context: Context) -> Iterator[Finding]:
    """Tables that are created on every server of a cluster, each with rows of its own."""
    for analyzed in context.upgrade:
        engine = context.dialect.unreplicated_engine(analyzed.sql)
        if engine is None:
            continue
        name = next((action.table.name for action in analyzed.actions if isinstance(action, CreateTable)), "the table")
        yield Finding(
            Severity.INFO,
            f"{name} gets rows of its own on every server of the cluster: its engine is {engine}",
            f"use Replicated{engine}, so that the replicas of a shard have the same rows",
            analyzed.line,
        )
