from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import TableClauses

metadata = MetaData()


def table(name: str, engine: str, **clauses: str) -> Table:
    columns = Column("id", ch.UInt64), Column("name", ch.String)
    return Table(name, metadata, *columns, TableClauses(engine=engine, **clauses))


Table(
    "own_file", metadata, Column("id", ch.UInt64, comment="new"), TableClauses(engine="File('CSV')"), comment="it's new"
)
table("by_postgresql", "PostgreSQL('localhost:5432', 'd', 't', 'u', '', 'public')")
table("by_mysql", "MySQL('localhost:3306', 'd', 't', 'u', '')")
table("by_mongo", "MongoDB('mongodb://localhost:27017/d', 'c')")
table("by_redis", "Redis('localhost:6379', 0, '', 16)", primary_key="id")
table("by_odbc", "ODBC('', 'd', 't')")
table("by_bucket", "S3('https://bucket.s3.amazonaws.com/x.parquet')")
table("by_open_bucket", "S3('https://bucket.s3.amazonaws.com/x.csv', NOSIGN, 'CSV', 'gzip')", partition_by="(id)")
table("by_lake", "DeltaLake('https://bucket.s3.amazonaws.com/x', NOSIGN)")
table("by_link", "URL('http://localhost/x.csv', CSV)")
table("by_hadoop", "HDFS('hdfs://localhost:9000/x', 'TSV')")
table("by_key", "EmbeddedRocksDB", primary_key="(id)")
table("by_chance", "GenerateRandom(1, 5, 3)")
table("by_program", "Executable('x.sh', TabSeparated)")
Table("by_model_key", metadata, Column("id", ch.UInt64, primary_key=True), TableClauses(engine="EmbeddedRocksDB()"))
