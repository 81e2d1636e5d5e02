from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table

metadata = MetaData()

parent = Table("parent", metadata, Column("id", Integer, primary_key=True))
child = Table(
    "child",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parent_id", ForeignKey("parent.id")),
    CheckConstraint("parent_id > 0"),
    Index("child_parent_id_fkey", "parent_id"),
    Index("child_parent_id_check", "parent_id", "id"),
)
