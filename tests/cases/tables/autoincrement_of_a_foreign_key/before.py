from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text, text

metadata = MetaData()

p = Table("p", metadata, Column("id", Integer, primary_key=True))
t = Table(
    "t",
    metadata,
    Column("id", Integer, ForeignKey("p.id"), primary_key=True),
    Column("a", Integer),
    sqlite_autoincrement=True,
)
