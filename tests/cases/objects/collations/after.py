import sqlalchemy as sa

from dbwarden.objects import Collation, Domain

metadata = sa.MetaData()
Collation("german", provider="icu", locale="de-u-co-phonebk", metadata=metadata, comment="as in a list")
Collation("plain", locale="C", metadata=metadata)
Collation("swedish", provider="icu", locale="sv", metadata=metadata, comment="as in Sweden")
Collation("caseless", provider="icu", locale="und-u-ks-level2", deterministic=False, metadata=metadata)
Domain("label", "text", metadata=metadata, collation="plain")
sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40, collation="german")),
    sa.Column("mail", sa.String(40, collation="swedish")),
    sa.Column("nick", sa.String(40, collation="swedish")),
)
