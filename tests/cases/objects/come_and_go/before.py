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
Extension("citext", metadata=metadata)
RangeType("spans", "integer", metadata=metadata)
RangeType("hours", "time", metadata=metadata)
Domain("old_domain", "integer", metadata=metadata)
MaterializedView("old_rows", "SELECT n FROM t", metadata=metadata)
Function("old()", "RETURNS integer LANGUAGE sql AS 'SELECT 1'", metadata=metadata)
Procedure("old_tidy()", "LANGUAGE sql AS 'DELETE FROM t WHERE n < 0'", metadata=metadata)
Procedure("tidy()", "LANGUAGE sql AS 'DELETE FROM t WHERE n < 1'", metadata=metadata)
Aggregate("old_sum(integer)", "(SFUNC = int4pl, STYPE = integer)", metadata=metadata)
Rule("old_rule", "AS ON DELETE TO t WHERE OLD.n > 0 DO INSTEAD NOTHING", metadata=metadata)
Function("seen()", "RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$", metadata=metadata)
EventTrigger("old_event", "ON ddl_command_end EXECUTE FUNCTION seen()", metadata=metadata)
