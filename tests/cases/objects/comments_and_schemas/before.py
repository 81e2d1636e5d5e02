import sqlalchemy as sa

from dbwarden.objects import Enum, Extension, Schema

metadata = sa.MetaData()
mood = Enum("sad", "happy", name="mood", comment="how somebody feels")
sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("mood", mood))
Enum("red", "green", name="light", metadata=metadata)
Schema("sales", metadata=metadata, comment="all that is sold")
Schema("empty", metadata=metadata)
Extension("citext", metadata=metadata, comment="addresses")
Extension("ltree", metadata=metadata)
