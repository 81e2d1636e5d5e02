from sqlalchemy import Column, Integer, MetaData, Sequence, String, Table

from dbwarden.objects import CompositeType, Domain, Extension, RangeType

metadata = MetaData()

Extension("citext", metadata=metadata)
email = Domain(
    "email",
    String(80),
    metadata=metadata,
    checks={"email_has_at": "VALUE LIKE '%@%'", "email_is_short": "length(VALUE) < 70"},
    default="'nobody@example.com'",
    not_null=True,
    comment="an address of the post office",
)
address = CompositeType(
    "address", {"street": "text", "zip": String(10)}, metadata=metadata, comment="where somebody lives"
)
speed = RangeType("speed", "float8", metadata=metadata, subtype_diff="float8mi")
Sequence("tickets", start=1000, metadata=metadata)

Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("home", address.type),
    Column("mail", email.type),
    Column("walks", speed.type),
)
