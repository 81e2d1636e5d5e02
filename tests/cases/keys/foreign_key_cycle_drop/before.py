from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

metadata = MetaData()

a = Table(
    "a",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("b_id", ForeignKey("b.id", name="fk_a_b", use_alter=True)),
)
b = Table("b", metadata, Column("id", Integer, primary_key=True), Column("a_id", ForeignKey("a.id", name="fk_b_a")))
kept = Table("kept", metadata, Column("id", Integer, primary_key=True))
