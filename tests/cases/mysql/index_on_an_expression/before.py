from sqlalchemy import Column, Index, Integer, MetaData, String, Table, func

metadata = MetaData()

users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("email", String(100)))
