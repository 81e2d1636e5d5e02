from datetime import date

from sqlalchemy import Column, Date, Integer, MetaData, String, Table

from dbwarden.objects import MAXVALUE, MINVALUE, Partition

metadata = MetaData()

Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Date, primary_key=True),
    Partition("events_before", from_=MINVALUE, to=date(2025, 1, 1)),
    Partition("events_2025", from_=date(2025, 1, 1), to=date(2026, 1, 1), comment="the year of the move"),
    Partition("events_after", from_="2026-01-01", to=MAXVALUE, with_={"fillfactor": 70}),
    postgresql_partition_by="RANGE (at)",
)
Table(
    "places",
    metadata,
    Column("country", String(2)),
    Column("name", String(80)),
    Partition("places_eu", values=["de", "fr"]),
    Partition("places_unknown", values=[None]),
    Partition("places_others", default=True),
    postgresql_partition_by="LIST (country)",
)
spread = Table(
    "spread",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    postgresql_partition_by="HASH (id)",
)
for remainder in range(3):
    Partition(f"spread_{remainder}", modulus=3, remainder=remainder, of=spread)
