from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), nullable=False),
    Column("mail", String(40)),
)
