from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()
Table("people", metadata, Column("id", Integer, primary_key=True), Column("name", String(40), unique=True))
Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("author_id", ForeignKey("people.id", ondelete="CASCADE"), index=True),
    Column("parent_id", ForeignKey("posts.id")),
)
