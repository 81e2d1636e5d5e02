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
    Partition("events_2024", from_="2024-01-01", to="2025-01-01"),
    postgresql_partition_by="RANGE (at)",
)
