from sqlalchemy import CheckConstraint, Column, Computed, Index, Integer, MetaData, String, Table

metadata = MetaData()

goods = Table(
    "goods",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("price", Integer, nullable=False),
    Column("gross", Integer, Computed("price * 2", persisted=False)),
    Column("name", String(20)),
    CheckConstraint("price > 0", name="ck_price"),
)
Index("ix_price", goods.c.price)
