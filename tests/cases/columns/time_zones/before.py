from sqlalchemy import ARRAY, Column, Date, DateTime, Integer, MetaData, Table, Time, text
from sqlalchemy.dialects.postgresql import DOMAIN

metadata = MetaData()
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False, server_default=text("now()")),
    Column("seen", DateTime(timezone=True)),
    Column("day", Date),
    Column("noon", Time),
    Column("many", ARRAY(DateTime)),
    Column("first", DateTime),
    Column("since", DOMAIN("moment", DateTime)),
    Column("until", DateTime),
)
