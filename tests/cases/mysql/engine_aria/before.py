from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()

Table("logs", metadata, Column("id", Integer, primary_key=True), mariadb_engine="InnoDB")
Table("words", metadata, Column("id", Integer, primary_key=True), mariadb_engine="Aria")
