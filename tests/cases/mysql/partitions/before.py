from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

Table(
    "logs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("year", Integer, primary_key=True, autoincrement=False),
    mysql_partition_by="RANGE (year) (PARTITION p0 VALUES LESS THAN (2023), PARTITION p1 VALUES LESS THAN (2024))",
    mariadb_partition_by="RANGE (year) (PARTITION p0 VALUES LESS THAN (2023), PARTITION p1 VALUES LESS THAN (2024))",
)
Table("plain", metadata, Column("id", Integer, primary_key=True, autoincrement=False))
Table(
    "spread",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    mysql_partition_by="HASH (id)",
    mysql_partitions="4",
    mariadb_partition_by="HASH (id)",
    mariadb_partitions="4",
)
