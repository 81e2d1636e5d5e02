from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table("rows", metadata, Column("id", ch.UInt64), engines.MergeTree(order_by="id"))
