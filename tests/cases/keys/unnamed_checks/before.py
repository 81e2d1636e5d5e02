from sqlalchemy import CheckConstraint, Column, Integer, MetaData, Table

metadata = MetaData()

t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Integer), CheckConstraint("a > 0"))
