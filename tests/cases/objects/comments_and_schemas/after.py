import sqlalchemy as sa

from dbwarden.objects import Enum, Extension, Schema

metadata = sa.MetaData()
mood = Enum("sad", "happy", name="mood", comment="how people feel")
sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mood", mood),
    sa.Column("moods", sa.ARRAY(mood)),
)
Enum("red", "green", name="light", metadata=metadata, comment="of a crossing")
Schema("sales", metadata=metadata, comment="what is sold")
Schema("stock", metadata=metadata, comment="what is there")
Extension("citext", metadata=metadata, comment="texts in any case")
Extension("ltree", metadata=metadata, comment="paths")
Extension("hstore", metadata=metadata, comment="pairs")
