from sqlalchemy import Column, Enum, Integer, MetaData, Table

metadata = MetaData()

t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("s", Enum("a", "b", name="ab")))
