from sqlalchemy import Column, Integer, MetaData, Sequence, Table

metadata = MetaData()

Sequence("lone", metadata=metadata, increment=2)
kept = Table("kept", metadata, Column("id", Integer, primary_key=True))
