from sqlalchemy import CheckConstraint, Column, Integer, MetaData, Table, UniqueConstraint

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", Integer),
    Column("b", Integer),
    CheckConstraint("a > 0"),
    CheckConstraint("a < b"),
    CheckConstraint("b > 0"),
    UniqueConstraint("a", "b"),
)
