import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from dbwarden.objects import Function, Grant, Trigger, View

metadata = sa.MetaData(schema="shop")
mood = pg.ENUM("sad", "ok", name="mood", schema="shop", metadata=metadata)
numbers = sa.Sequence("numbers", schema="shop", metadata=metadata)
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("no", sa.Integer, server_default=sa.text("nextval('shop.numbers')")),
    sa.Column("mood", mood, server_default="sad"),
    sa.Column("parent", sa.ForeignKey("shop.orders.id"), index=True),
)
sa.Table(
    "visits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("order_id", sa.ForeignKey("shop.orders.id"), index=True),
    schema=sa.BLANK_SCHEMA,
)
View("sad_ones", "SELECT id FROM shop.orders WHERE mood = 'sad'", metadata=metadata)
View(
    "sad_visits",
    "SELECT v.id FROM visits v JOIN shop.sad_ones s ON s.id = v.order_id",
    metadata=metadata,
    schema="public",
)
Grant("USAGE", on="SCHEMA shop", to="public", metadata=metadata)
Function("touched()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$", metadata=metadata)
Trigger("touch", "BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touched()", metadata=metadata)
