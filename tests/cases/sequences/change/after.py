from sqlalchemy import Column, Integer, MetaData, Sequence, Table

metadata = MetaData()

Sequence("lone", metadata=metadata, increment=5, maxvalue=1000)
kept = Table("kept", metadata, Column("id", Integer, primary_key=True))
