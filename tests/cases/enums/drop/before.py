from sqlalchemy import ARRAY, Column, Enum, Integer, MetaData, String, Table

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
)

moods = Table(
    "moods",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mood", Enum("sad", "ok", name="mood"), nullable=False, server_default="ok"),
    Column("old", ARRAY(Enum("sad", "ok", name="mood"))),
)
