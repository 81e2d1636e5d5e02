from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()

parents = Table("parents", metadata, Column("id", Integer, primary_key=True))
events = Table(
    "events",
    metadata,
    Column("id", Integer, nullable=False),
    Column("kind", String(10)),
    Column("parent_id", Integer),
    postgresql_partition_by="RANGE (id)",
)
