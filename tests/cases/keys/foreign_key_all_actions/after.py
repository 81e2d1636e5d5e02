from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()

parent = Table("parent", metadata, Column("id", Integer, primary_key=True), Column("code", String(9), unique=True))

child = Table(
    "child",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", ForeignKey("parent.id", ondelete="CASCADE")),
    Column("b", ForeignKey("parent.id", ondelete="RESTRICT", onupdate="RESTRICT")),
    Column("c", ForeignKey("parent.id", ondelete="SET DEFAULT")),
    Column("d", ForeignKey("parent.id", ondelete="NO ACTION")),
    Column("e", ForeignKey("parent.code", match="FULL")),
    Column("f", ForeignKey("child.id", name="fk_self")),
)
