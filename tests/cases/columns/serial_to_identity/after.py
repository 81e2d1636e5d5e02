from sqlalchemy import Column, Identity, Integer, MetaData, Table, Text

metadata = MetaData()

t = Table("t", metadata, Column("id", Integer, Identity(always=True), primary_key=True), Column("x", Text))
