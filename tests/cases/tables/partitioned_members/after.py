from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

parents = Table("parents", metadata, Column("id", Integer, primary_key=True))
events = Table(
    "events",
    metadata,
    Column("id", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("parent_id", Integer, ForeignKey("parents.id"), index=True),
    UniqueConstraint("id", "kind", name="uq_events"),
    CheckConstraint("id > 0", name="ck_events"),
    postgresql_partition_by="RANGE (id)",
)
