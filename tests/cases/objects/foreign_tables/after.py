from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, Numeric, String, Table

from dbwarden.objects import Extension, ForeignServer, ForeignTable, View, foreign_options

metadata = MetaData()
wrapper = Extension("file_fdw", metadata=metadata)
postgres = Extension("postgres_fdw", metadata=metadata)
billing = ForeignServer(
    "billing",
    postgres,
    metadata=metadata,
    type="main",
    version="2",
    options={"host": "db2", "port": 5433},
    comment="the books",
)
archive = ForeignServer("archive", wrapper, metadata=metadata)
Table(
    "invoices",
    metadata,
    Column("nr", BigInteger, nullable=False, info=foreign_options(column_name="nr")),
    Column("customer", Integer, nullable=False),
    Column("amount", Numeric(10, 2), info=foreign_options(column_name="total")),
    CheckConstraint("amount >= 0", name="amount_is_positive"),
    ForeignTable("billing", options={"table_name": "invoices", "schema_name": "books"}),
    comment="of the other database",
)
View("customers", "SELECT DISTINCT customer FROM invoices", metadata=metadata)
Table(
    "letters",
    metadata,
    Column("id", Integer, nullable=False),
    Column("text", String(10), info=foreign_options(force_null="true")),
    ForeignTable(archive, options={"filename": "/srv/letters.csv"}),
)
