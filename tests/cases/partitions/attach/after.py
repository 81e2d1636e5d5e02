from sqlalchemy import Column, Date, Index, Integer, MetaData, Table

from dbwarden.objects import Partition

metadata = MetaData()

Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Date, primary_key=True),
    Column("kind", Integer),
    Index("events_kind_idx", "kind"),
    Partition("events_2025", from_="2025-01-01", to="2026-01-01"),
    postgresql_partition_by="RANGE (at)",
)
