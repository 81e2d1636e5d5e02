from sqlalchemy import Column, Integer, MetaData, Table

from dbwarden.objects import Sequence

metadata = MetaData()

Sequence("lone", metadata=metadata, increment=2)
Sequence("tickets", metadata=metadata, start=1000, comment="numbers on paper", owned_by="kept.number")
Sequence("visits", metadata=metadata, cache=5)
Sequence("gone", metadata=metadata, comment="once")
kept = Table(
    "kept", metadata, Column("id", Integer, primary_key=True), Column("number", Integer), Column("other", Integer)
)
