from sqlalchemy import ARRAY, Column, DateTime, Integer, MetaData, Table, Time, text
from sqlalchemy.dialects.postgresql import DOMAIN

metadata = MetaData()
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("seen", DateTime),
    Column("day", DateTime(timezone=True)),
    Column("noon", Time(timezone=True)),
    Column("many", ARRAY(DateTime(timezone=True))),
    Column("first", ARRAY(DateTime(timezone=True))),
    Column("since", DOMAIN("moment", DateTime(timezone=True))),
    Column("until", DOMAIN("instant", DateTime(timezone=True))),
)
