from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
PARTS = {
    "lists": "LIST (id) (PARTITION p0 VALUES IN (1, 2, 3), PARTITION p1 VALUES IN (4, 5, 6, 7, 8))",
    "ranges": "RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (100))",
    "keys": "KEY (id) PARTITIONS 2",
    "columns": "RANGE COLUMNS (id) (PARTITION p0 VALUES LESS THAN (100))",
    "linear": "LINEAR HASH (id) PARTITIONS 2",
}
for name, text in PARTS.items():
    key = Column("id", Integer, primary_key=True, autoincrement=False)
    Table(name, metadata, key, mysql_partition_by=text, mariadb_partition_by=text)
