from sqlalchemy import Column, Integer, MetaData, Table

from dbwarden.objects import Domain

metadata = MetaData()

email = Domain(
    "email",
    "varchar(80)",
    metadata=metadata,
    checks={"has_at": "VALUE LIKE '%@%'", "is_short": "length(VALUE) < 70", "old_name": "VALUE <> ''"},
)

Table("people", metadata, Column("id", Integer, primary_key=True), Column("mail", email.type))
