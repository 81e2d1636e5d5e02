from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

t = Table(
    "t",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", String(20), server_default=text("lower('ABC')")),
    Column("b", Integer, server_default=text("(1 + 2)")),
    Column("c", DateTime(timezone=True), server_default=text("(now() + '1 day'::interval)")),
    Column("d", Numeric(6, 2), server_default=text("1.50")),
    Column("e", Text, server_default=""),
    Column("f", Boolean, server_default=text("false")),
    Column("g", Date, server_default=text("CURRENT_DATE")),
    Column("h", ARRAY(Integer), server_default=text("'{1,2}'")),
    Column("i", Integer, server_default=text("-1")),
    Column("j", BigInteger, server_default=text("0")),
    Column("k", Float, server_default=text("0")),
)
