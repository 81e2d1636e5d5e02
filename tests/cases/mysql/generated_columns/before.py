from sqlalchemy import Column, Computed, Index, Integer, MetaData, String, Table

metadata = MetaData()

boxes = Table(
    "boxes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer, nullable=False),
    Column("area", Integer, Computed("a * a", persisted=False)),
    Column("stored", Integer, Computed("a + 1", persisted=True)),
    Column("text", String(20), Computed("concat('a', a)", persisted=False)),
)
Index("ix_area", boxes.c.area)
