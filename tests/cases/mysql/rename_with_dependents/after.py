from sqlalchemy import CheckConstraint, Column, Computed, Index, Integer, MetaData, String, Table

metadata = MetaData()

goods = Table(
    "goods",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cost", Integer, nullable=False),
    Column("gross", Integer, Computed("cost * 2", persisted=False)),
    Column("name", String(20)),
    CheckConstraint("cost > 0", name="ck_price"),
)
Index("ix_price", goods.c.cost)
