from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Table

metadata = MetaData()

Table(
    "teams",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("lead_id", ForeignKey("teams.id", name="fk_lead")),
)
Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team_id", BigInteger, ForeignKey("teams.id", name="fk_team", ondelete="CASCADE"), nullable=False),
)
