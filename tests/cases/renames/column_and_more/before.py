from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("amount", Integer, nullable=False),
    Column("note", String(20)),
    CheckConstraint("amount > 0", name="positive"),
    Index("ix_items_amount", "amount"),
)
Table("lines", metadata, Column("id", Integer, primary_key=True), Column("item_id", ForeignKey("items.id")))
