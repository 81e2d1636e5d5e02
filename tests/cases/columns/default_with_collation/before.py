from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text, text

metadata = MetaData()

t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("c", Text, server_default="x"))
