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
    "items", metadata, Column("item_id", Integer, primary_key=True), Column("supplier_id", Integer, nullable=False)
)
item_prices = Table(
    "item_prices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", Integer, ForeignKey("items.item_id")),
    Column("supplier_id", Integer),
)
