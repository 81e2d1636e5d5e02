from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

Table("log", metadata, Column("id", Integer, primary_key=True), schema="audit")
Table("users", metadata, Column("id", Integer, primary_key=True))
