from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import TableClauses

metadata = MetaData()

Table("own_file", metadata, Column("id", ch.UInt64), TableClauses(engine="File(CSV)"))
Table(
    "gone_bucket",
    metadata,
    Column("x", ch.Date),
    TableClauses(engine="S3('https://bucket.s3.amazonaws.com/x.csv', NOSIGN)"),
)
Table("gone_link", metadata, Column("y", ch.UUID), TableClauses(engine="URL('http://localhost/x.csv', CSV)"))
