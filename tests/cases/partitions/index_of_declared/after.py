from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table

from dbwarden.objects import Partition

metadata = MetaData()

users = Table("users", metadata, Column("id", Integer, primary_key=True, autoincrement=False))

Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime, primary_key=True),
    Column("user_id", ForeignKey(users.c.id)),
    Column("kind", String(20), primary_key=True, server_default="new"),
    CheckConstraint("kind <> ''", name="kind_is_known"),
    Index("events_by_kind", "kind"),
    Index("events_by_user", "user_id", "at"),
    Partition("events_2024", from_="2024-01-01", to="2025-01-01"),
    Partition(
        "events_2025",
        from_="2025-01-01",
        to="2026-01-01",
        partition_by="LIST (kind)",
        partitions=[
            Partition("events_2025_new", values=["new"]),
            Partition(
                "events_2025_rest",
                default=True,
                partition_by="HASH (id)",
                partitions=[
                    Partition("events_2025_0", modulus=2, remainder=0),
                    Partition("events_2025_1", modulus=2, remainder=1),
                ],
            ),
        ],
    ),
    postgresql_partition_by="RANGE (at)",
)
