from sqlalchemy import Column, Integer, MetaData, Table

from dbwarden.objects import Domain

metadata = MetaData()

email = Domain(
    "email",
    "varchar(80)",
    metadata=metadata,
    checks={"has_at": "VALUE LIKE '%_@_%'", "new_name": "VALUE <> ''", "is_lower": "lower(VALUE) = VALUE"},
    comment="one that was checked",
)

Table("people", metadata, Column("id", Integer, primary_key=True), Column("mail", email.type))
