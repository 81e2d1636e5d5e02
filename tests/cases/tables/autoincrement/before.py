from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()

logs = Table("logs", metadata, Column("id", Integer, primary_key=True), Column("line", Text), sqlite_autoincrement=True)
