from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Table

metadata = MetaData()

Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("teams.id", name="fk_lead")),
)
Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team_id", Integer, ForeignKey("teams.id", name="fk_team", ondelete="CASCADE"), nullable=False),
)
