from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

pages = Table(
    "pages", metadata, Column("id", Integer, primary_key=True), Column("path", String(100)), Column("b", Integer)
)
Index("ix_path", pages.c.path)
