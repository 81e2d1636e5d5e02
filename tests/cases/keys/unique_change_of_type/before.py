from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer, nullable=True),
    Column("b", String(40)),
    UniqueConstraint("a", name="uq"),
    CheckConstraint("a > 0", name="ck"),
    Index("ix_old", "b"),
)
