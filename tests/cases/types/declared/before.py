from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

Table("people", metadata, Column("id", Integer, primary_key=True))
