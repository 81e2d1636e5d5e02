from sqlalchemy import Column, Computed, Index, Integer, MetaData, String, Table

metadata = MetaData()

boxes = Table(
    "boxes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer, nullable=False),
    Column("area", Integer),
    Column("stored", Integer),
    Column("text", String(20), Computed("concat('b', a)", persisted=False)),
    Column("twice", Integer, Computed("a * 2", persisted=True)),
    Column("thrice", Integer, Computed("a * 3", persisted=False), comment="three"),
)
Index("ix_area", boxes.c.area)
