from sqlalchemy import Column, Integer, MetaData, Table, text
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
bookings.append_constraint(
    ExcludeConstraint((bookings.c.during, "&&"), name="no_overlap", where=text("priority > 0"), deferrable=True)
)
