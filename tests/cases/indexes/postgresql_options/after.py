from sqlalchemy import ARRAY, Column, Index, Integer, MetaData, String, Table
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    Column("tags", ARRAY(String(10))),
    Column("doc", JSONB),
)
Index("ix_gin", users.c.tags, postgresql_using="gin")
Index("ix_doc", users.c.doc, postgresql_using="gin", postgresql_ops={"doc": "jsonb_path_ops"})
Index("ix_like", users.c.email, postgresql_ops={"email": "varchar_pattern_ops"})
Index("ix_include", users.c.age, postgresql_include=["email"])
Index("ix_with", users.c.age, postgresql_with={"fillfactor": 50})
Index("ix_nulls", users.c.age.desc().nulls_last(), users.c.email.nulls_first())
Index("ix_nnd", users.c.email, unique=True, postgresql_nulls_not_distinct=True)
Index("ix_hash", users.c.email, postgresql_using="hash")
Index("ix_brin", users.c.id, postgresql_using="brin", postgresql_with={"pages_per_range": 32})
