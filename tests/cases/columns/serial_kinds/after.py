from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, Table

metadata = MetaData()

small = Table("small", metadata, Column("id", SmallInteger, primary_key=True))
big = Table("big", metadata, Column("id", BigInteger, primary_key=True))
none = Table("none", metadata, Column("id", Integer, primary_key=True, autoincrement=False))
