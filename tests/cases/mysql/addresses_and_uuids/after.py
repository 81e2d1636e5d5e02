from sqlalchemy import UUID, Column, Index, Integer, MetaData, Table
from sqlalchemy.dialects.mysql import mariadb

metadata = MetaData()

hosts = Table(
    "hosts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("v4", mariadb.INET4(), server_default="127.0.0.1"),
    Column("v6", mariadb.INET6(), nullable=False),
    Column("token", UUID()),
    Column("key", UUID(), nullable=False),
)
Index("ix_hosts_v6", hosts.c.v6)
