from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()

t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("x", Text))
