import sqlalchemy as sa

from dbwarden.objects import (
    Aggregate,
    EventTrigger,
    Function,
    Grant,
    MaterializedView,
    Policy,
    Procedure,
    Rule,
    Statistics,
    Trigger,
    View,
)

metadata = sa.MetaData()
items = sa.Table(
    "items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("n", sa.Integer),
    sa.Column("m", sa.Integer),
)
view = View("new_view", "SELECT id, n FROM items WHERE n > 0", metadata=metadata)
Grant("SELECT", on=view, to="public", metadata=metadata)
View("on_top", "SELECT id FROM new_view", metadata=metadata)
MaterializedView("new_rows", "SELECT n FROM items", metadata=metadata, indexes=["CREATE INDEX rows_n ON new_rows (n)"])
Function("new_next(a integer)", "RETURNS integer LANGUAGE sql AS $$ SELECT a + 1 $$", metadata=metadata)
View("nexts", "SELECT new_next(n) AS n FROM items", metadata=metadata)
Procedure("new_tidy()", "LANGUAGE sql AS $$ DELETE FROM items WHERE n < 0 $$", metadata=metadata)
Aggregate("new_sum(integer)", "(SFUNC = int4pl, STYPE = integer)", metadata=metadata)
Function("new_check()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$", metadata=metadata)
Trigger("new_trigger", "BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION new_check()", metadata=metadata)
Rule("new_rule", "AS ON DELETE TO items DO INSTEAD NOTHING", metadata=metadata)
Policy("new_policy", on=items, using="n > 1", metadata=metadata)
Statistics("new_statistics", ["n", "m"], on=items, metadata=metadata)
Function("seen()", "RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$", metadata=metadata)
EventTrigger("new_event", "ON sql_drop EXECUTE FUNCTION seen()", metadata=metadata)
