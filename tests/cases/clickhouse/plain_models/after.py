from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    func,
    text,
)

metadata = MetaData()

Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), server_default="y", comment="shown"),
    Column("bio", Text, nullable=False, server_default="none"),
    Column("created_at", DateTime, nullable=False, server_default=func.now()),
    Column("balance", Numeric(12, 3)),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("visits", BigInteger),
)
Table("sites", metadata, Column("code", String(2), primary_key=True), Column("number", Integer, primary_key=True))
