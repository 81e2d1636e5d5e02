from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    func,
)

metadata = MetaData()

Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(50), nullable=False, server_default="x", comment="shown"),
    Column("bio", Text),
    Column("created_at", DateTime, nullable=False, server_default=func.now()),
    Column("balance", Numeric(10, 2)),
    Column("active", Boolean, nullable=False),
    Index("ix_users_name", "name"),
    CheckConstraint("id > 0", name="positive"),
    comment="people",
)
