from sqlalchemy import CheckConstraint, Column, Index, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()
Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(20), nullable=False),
    Column("price", Integer),
    UniqueConstraint("code", name="old_code"),
    CheckConstraint("price > 0", name="old_price"),
    Index("ix_old", "price", "code"),
)
