from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

Table("users", metadata, Column("id", Integer, primary_key=True))
Table("sales", metadata, Column("id", Integer, primary_key=True), schema="shop")
