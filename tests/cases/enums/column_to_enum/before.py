from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()

t = Table(
    "t", metadata, Column("id", Integer, primary_key=True), Column("s", String(10), server_default="a", nullable=False)
)
