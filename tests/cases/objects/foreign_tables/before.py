from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table, text

from dbwarden.objects import Extension, ForeignServer, ForeignTable, View, foreign_options

metadata = MetaData()
wrapper = Extension("file_fdw", metadata=metadata)
postgres = Extension("postgres_fdw", metadata=metadata)
files = ForeignServer("files", wrapper, metadata=metadata)
billing = ForeignServer(
    "billing", postgres, metadata=metadata, type="main", version="1", options={"host": "db1", "fetch_size": 100}
)
Table(
    "readings",
    metadata,
    Column("sensor", Integer, primary_key=True),
    Column("unit", String(10), server_default=text("'m'")),
    Column("note", String(20), info=foreign_options(force_not_null="true")),
    CheckConstraint("sensor > 0", name="sensor_is_positive"),
    ForeignTable(files, options={"filename": "/srv/readings.csv", "format": "csv"}),
    comment="what the sensors said",
)
Table(
    "invoices",
    metadata,
    Column("nr", Integer, nullable=False, info=foreign_options(column_name="number")),
    Column("customer", Integer),
    ForeignTable("billing", options={"table_name": "bills"}),
)
View("customers", "SELECT DISTINCT customer FROM invoices", metadata=metadata)
