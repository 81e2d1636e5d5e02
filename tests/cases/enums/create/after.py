from sqlalchemy import ARRAY, Column, Enum, Integer, MetaData, Table

metadata = MetaData()

moods = Table(
    "moods",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mood", Enum("sad", "ok", name="mood"), nullable=False, server_default="ok"),
    Column("old", ARRAY(Enum("sad", "ok", name="mood"))),
)
