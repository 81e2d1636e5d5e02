from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mail", String(40), nullable=False),
    Column("invited_by", ForeignKey("people.id")),
    CheckConstraint("mail <> ''", name="some_email"),
    Index("ix_people_mail", "mail", unique=True),
)
