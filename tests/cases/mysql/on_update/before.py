from sqlalchemy import Column, Integer, MetaData, Table, text
from sqlalchemy.dialects.mysql import DATETIME, TIMESTAMP

metadata = MetaData()

Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made", DATETIME(fsp=6), nullable=False, server_default=text("CURRENT_TIMESTAMP(6)")),
    Column("seen", TIMESTAMP, nullable=True),
    Column("at", DATETIME),
)
