from sqlalchemy import Column, Computed, Integer, MetaData, Table

metadata = MetaData()

Table("boxes", metadata, Column("id", Integer, primary_key=True))
Table(
    "crates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("area", Integer, Computed("width * 2", persisted=True)),
    Column("width", Integer),
)
