from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

Table(
    "logs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("year", Integer, primary_key=True, autoincrement=False),
    mysql_partition_by="RANGE (year) (PARTITION p0 VALUES LESS THAN (2023), PARTITION p1 VALUES LESS THAN (2024),"
    " PARTITION p2 VALUES LESS THAN (2025), PARTITION rest VALUES LESS THAN MAXVALUE)",
    mariadb_partition_by="RANGE (year) (PARTITION p0 VALUES LESS THAN (2023), PARTITION p1 VALUES LESS THAN (2024),"
    " PARTITION p2 VALUES LESS THAN (2025), PARTITION rest VALUES LESS THAN MAXVALUE)",
)
Table(
    "plain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    mysql_partition_by="KEY (id)",
    mysql_partitions="2",
    mariadb_partition_by="KEY (id)",
    mariadb_partitions="2",
)
Table("spread", metadata, Column("id", Integer, primary_key=True, autoincrement=False))
