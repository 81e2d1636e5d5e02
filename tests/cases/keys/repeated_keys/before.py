from sqlalchemy import Column, Integer, MetaData, Table, UniqueConstraint

metadata = MetaData()

grown = Table("grown", metadata, Column("a", Integer, primary_key=True), Column("b", Integer, unique=True))
