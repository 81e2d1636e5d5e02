from sqlalchemy import Column, Integer, MetaData, Table

from dbwarden.objects import Sequence

metadata = MetaData()

Sequence("lone", metadata=metadata, increment=5, maxvalue=1000)
kept = Table(
    "kept", metadata, Column("id", Integer, primary_key=True), Column("number", Integer), Column("other", Integer)
)
Sequence("tickets", metadata=metadata, start=1000, comment="numbers of tickets", owned_by=kept.c.other)
Sequence("visits", metadata=metadata, cache=50, cycle=True)
bells = Sequence("bells", metadata=metadata, data_type=Integer, comment="rings", owned_by="doors.bells")
doors = Table(
    "doors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bells", Integer, server_default=bells.next_value()),
)
