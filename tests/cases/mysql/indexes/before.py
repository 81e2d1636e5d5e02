from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("slug", String(100)),
    Column("body", Text),
)
Index("ix_title", articles.c.title)
Index("ix_slug", articles.c.slug)
