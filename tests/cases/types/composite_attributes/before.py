from sqlalchemy import Column, Integer, MetaData, Table

from dbwarden.objects import CompositeType

metadata = MetaData()

point = CompositeType("place", {"x": "integer", "y": "integer"}, metadata=metadata)
address = CompositeType(
    "address", {"street": "text", "zip": "text", "floor": "integer", "at": point}, metadata=metadata
)

Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("home", address.type),
)
