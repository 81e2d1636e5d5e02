from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

pages = Table("pages", metadata, Column("id", Integer, primary_key=True), Column("path", Text), Column("b", Integer))
Index("ix_path", pages.c.path, mysql_length=100, mariadb_length=100)
