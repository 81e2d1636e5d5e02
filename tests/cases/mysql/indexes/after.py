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
Index("ix_title", articles.c.title, mysql_length={"title": 20}, mariadb_length={"title": 20})
Index("uq_slug", articles.c.slug, articles.c.title.desc(), unique=True)
Index("ix_body", articles.c.body, mysql_length=50, mariadb_length=50)
Index("ft_body", articles.c.title, articles.c.body, mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT")
