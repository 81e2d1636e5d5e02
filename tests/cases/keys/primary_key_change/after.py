from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

t = Table(
    "t", metadata, Column("a", Integer, primary_key=True, autoincrement=False), Column("b", Integer, primary_key=True)
)
