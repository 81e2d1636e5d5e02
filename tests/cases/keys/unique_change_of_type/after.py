from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", BigInteger, nullable=False),
    Column("b", String(40)),
    UniqueConstraint("a", "b", name="uq"),
    CheckConstraint("a > -1", name="ck"),
    Index("ix_new", "b", "id"),
)
