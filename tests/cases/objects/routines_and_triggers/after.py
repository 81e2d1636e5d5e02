import sqlalchemy as sa

from dbwarden.objects import Aggregate, EventTrigger, Function, Procedure, Rule, Trigger, View

metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
sa.Table(
    "log",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("line", sa.Text),
    sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now()),
)
Function(
    "noted()",
    """
    RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO log (line) VALUES (TG_OP || NEW.name);
        RETURN NEW;
    END
    $$
    """,
    metadata=metadata,
    comment="writes the log with the operation",
)
Trigger("noted", "AFTER INSERT OR UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION noted()", metadata=metadata)
Function(
    "twice(n int, times int DEFAULT 2)",
    "RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT n * times + 0 $$",
    metadata=metadata,
)
Function("label(varchar(20))", "RETURNS text LANGUAGE sql STABLE RETURN 'a' || $1", metadata=metadata)
Function("label(int)", "RETURNS varchar LANGUAGE sql AS 'SELECT $1::text'", metadata=metadata)
View("labels", "SELECT id, twice(id) AS twice FROM users", metadata=metadata)
Procedure("tidy(INOUT n integer)", "LANGUAGE sql AS $$ DELETE FROM log WHERE id < n RETURNING id $$", metadata=metadata)
Rule("kept", "AS ON DELETE TO log WHERE old.line IN ('keep', 'held') DO INSTEAD NOTHING", metadata=metadata)
Function("pair(OUT a integer, OUT b text)", "LANGUAGE sql AS $$ SELECT 1, 'b'::text $$", metadata=metadata)
Function(
    "rows_of(smallest int)",
    "RETURNS TABLE(id int, name text) LANGUAGE sql AS $$ SELECT id, name FROM users WHERE id > smallest $$",
    metadata=metadata,
)
Trigger(
    "fresh",
    "BEFORE UPDATE ON log FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION noted()",
    metadata=metadata,
)
Aggregate("total(integer)", "(SFUNC = int4pl, STYPE = integer, INITCOND = '7', PARALLEL = SAFE)", metadata=metadata)
Aggregate("counted(*)", "(SFUNC = int8inc, STYPE = bigint, INITCOND = '0')", metadata=metadata)
View("totals", "SELECT total(id) AS total FROM users", metadata=metadata)
Function("seen()", "RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$", metadata=metadata)
EventTrigger(
    "seen", "ON ddl_command_end WHEN TAG IN ('DROP SCHEMA', 'CREATE SCHEMA') EXECUTE FUNCTION seen()", metadata=metadata
)
