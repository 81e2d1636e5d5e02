from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, nullable=False),
    Column("at", DateTime, nullable=False),
    postgresql_partition_by="RANGE (at)",
)
