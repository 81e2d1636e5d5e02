from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

parent = Table("parent", metadata, Column("id", Integer, primary_key=True))
