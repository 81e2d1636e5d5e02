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
view = View("old_view", "SELECT id, n FROM items WHERE n > 0", metadata=metadata)
Grant("SELECT", on=view, to="public", metadata=metadata)
View("on_top", "SELECT id FROM old_view", metadata=metadata)
MaterializedView("old_rows", "SELECT n FROM items", metadata=metadata, indexes=["CREATE INDEX rows_n ON old_rows (n)"])
Function("old_next(a integer)", "RETURNS integer LANGUAGE sql AS $$ SELECT a + 1 $$", metadata=metadata)
View("nexts", "SELECT old_next(n) AS n FROM items", metadata=metadata)
Procedure("old_tidy()", "LANGUAGE sql AS $$ DELETE FROM items WHERE n < 0 $$", metadata=metadata)
Aggregate("old_sum(integer)", "(SFUNC = int4pl, STYPE = integer)", metadata=metadata)
Function("old_check()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$", metadata=metadata)
Trigger("old_trigger", "BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION old_check()", metadata=metadata)
Rule("old_rule", "AS ON DELETE TO items DO INSTEAD NOTHING", metadata=metadata)
Policy("old_policy", on=items, using="n > 1", metadata=metadata)
Statistics("old_statistics", ["n", "m"], on=items, metadata=metadata)
Function("seen()", "RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$", metadata=metadata)
EventTrigger("old_event", "ON sql_drop EXECUTE FUNCTION seen()", metadata=metadata)
