from sqlalchemy import Column, Integer, MetaData, String, Table

from dbwarden.objects import Statistics

metadata = MetaData()

places = Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zip", String(10)),
    Column("city", String(80)),
)
Statistics("by_zip", ["zip", "city"], on=places, metadata=metadata, kinds=["mcv", "ndistinct"])
Statistics("by_lower", ["lower(city)", "zip"], on=places, metadata=metadata, comment="for the search")
