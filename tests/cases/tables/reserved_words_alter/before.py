from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()

order = Table("order", metadata, Column("select", Integer, primary_key=True), Column("Group", String(20)))
