from sqlalchemy import Column, Enum, Index, Integer, MetaData, Table, text

metadata = MetaData()
Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mood", Enum("sad", "ok", "happy", name="mood"), nullable=False, server_default="sad"),
    Index("ix_notes_mood", "id", postgresql_where=text("mood = 'sad'")),
)
