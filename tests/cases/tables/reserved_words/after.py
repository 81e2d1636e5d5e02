from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

order = Table(
    "order",
    metadata,
    Column("select", Integer, primary_key=True),
    Column("Group", String(20), nullable=False, unique=True),
    Column("user", String(20), server_default="it's 100%"),
    Column("with space", Integer),
    Index("ix order", "with space", "Group"),
    CheckConstraint('"with space" > 0', name="Ck Order"),
)
line = Table(
    "OrderLine",
    metadata,
    Column("order", ForeignKey("order.select"), primary_key=True),
    Column("table", Integer, primary_key=True),
)
