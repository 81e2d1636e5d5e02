import sqlalchemy as sa

from dbwarden.objects import Trigger

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
Trigger("new_trigger", "AFTER UPDATE ON t BEGIN SELECT 1; END", metadata=metadata)
