from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

Table("prices", metadata, Column("id", Integer, primary_key=True))
