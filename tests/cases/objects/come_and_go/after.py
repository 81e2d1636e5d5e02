import sqlalchemy as sa

from dbwarden.objects import (
    Aggregate,
    Domain,
    EventTrigger,
    Extension,
    Function,
    MaterializedView,
    Procedure,
    RangeType,
    Rule,
)

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
Extension("hstore", metadata=metadata)
RangeType("spans", "bigint", metadata=metadata)
RangeType("days", "date", metadata=metadata)
Domain("new_domain", "integer", metadata=metadata)
MaterializedView("new_rows", "SELECT n FROM t", metadata=metadata)
Function("new()", "RETURNS integer LANGUAGE sql AS 'SELECT 1'", metadata=metadata)
Procedure("new_tidy()", "LANGUAGE sql AS 'DELETE FROM t WHERE n < 0'", metadata=metadata)
Procedure("tidy()", "LANGUAGE sql AS 'DELETE FROM t WHERE n < 2'", metadata=metadata)
Aggregate("new_sum(integer)", "(SFUNC = int4pl, STYPE = integer)", metadata=metadata)
Rule("new_rule", "AS ON DELETE TO t DO INSTEAD NOTHING", metadata=metadata)
Function("seen()", "RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$", metadata=metadata)
EventTrigger("new_event", "ON sql_drop EXECUTE FUNCTION seen()", metadata=metadata)
