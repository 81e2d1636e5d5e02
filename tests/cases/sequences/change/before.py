from sqlalchemy import MetaData, Sequence

metadata = MetaData()

Sequence("lone", metadata=metadata, increment=2)
