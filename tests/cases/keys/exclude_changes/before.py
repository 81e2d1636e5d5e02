from sqlalchemy import Column, Integer, MetaData, Table, func
from sqlalchemy.dialects.postgresql import INT4RANGE, ExcludeConstraint

metadata = MetaData()

bookings = Table(
    "bookings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("room", Integer),
    Column("during", INT4RANGE),
    Column("priority", Integer),
)
bookings.append_constraint(ExcludeConstraint((bookings.c.during, "&&"), name="no_overlap"))
bookings.append_constraint(
    ExcludeConstraint((func.int4range(bookings.c.room, bookings.c.priority), "&&"), name="no_clash")
)
