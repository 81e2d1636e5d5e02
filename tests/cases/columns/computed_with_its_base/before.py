from sqlalchemy import Column, Computed, Integer, MetaData, Table

metadata = MetaData()

Table(
    "boxes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer),
    Column("b", Integer, Computed("a + 1", persisted=True)),
)
Table("crates", metadata, Column("id", Integer, primary_key=True))
