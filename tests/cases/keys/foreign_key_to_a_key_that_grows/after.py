from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

items = Table(
    "items", metadata, Column("supplier_id", Integer, primary_key=True), Column("item_id", Integer, primary_key=True)
)
item_prices = Table(
    "item_prices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", Integer),
    Column("supplier_id", Integer),
    ForeignKeyConstraint(["supplier_id", "item_id"], ["items.supplier_id", "items.item_id"]),
)
