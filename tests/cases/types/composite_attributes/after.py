from sqlalchemy import Column, Integer, MetaData, Table

from dbwarden.objects import CompositeType

metadata = MetaData()

point = CompositeType("place", {"x": "numeric(10, 2)", "y": "integer"}, metadata=metadata, comment="in metres")
address = CompositeType(
    "address",
    {"street": "text", "zip": "text", "city": "text", "country": "char(2)", "code": 'text COLLATE "C"'},
    metadata=metadata,
)

Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("home", address.type),
)
