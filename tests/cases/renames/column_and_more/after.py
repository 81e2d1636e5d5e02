from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quantity", String(30), nullable=False),
    Column("remark", String(20), nullable=False, server_default="none"),
    CheckConstraint("quantity <> ''", name="positive"),
    Index("ix_items_amount", "quantity"),
)
Table("lines", metadata, Column("id", Integer, primary_key=True), Column("item_id", ForeignKey("items.id")))
