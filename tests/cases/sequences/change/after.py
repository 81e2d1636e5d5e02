from sqlalchemy import MetaData, Sequence

metadata = MetaData()

Sequence("lone", metadata=metadata, increment=5, maxvalue=1000)
