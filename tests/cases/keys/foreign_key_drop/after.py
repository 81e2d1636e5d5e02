from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()

parent = Table("parent", metadata, Column("id", Integer, primary_key=True), Column("code", String(9), unique=True))
child = Table("child", metadata, Column("id", Integer, primary_key=True), Column("parent_id", Integer))
