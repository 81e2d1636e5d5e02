import sqlalchemy as sa

from dbwarden.objects import Function, Procedure, Trigger

metadata = sa.MetaData()
sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
    sa.Column("age", sa.Integer),
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("line", sa.String(200)))
Function("twice(n decimal(10,2))", "RETURNS decimal(10,2) DETERMINISTIC NO SQL RETURN n * 2", metadata=metadata)
Function(
    "greeting(name VARCHAR(50))", "RETURNS VARCHAR(60) DETERMINISTIC RETURN CONCAT('Hello ', name)", metadata=metadata
)
Procedure("tidy()", "DELETE FROM log WHERE id < 0", metadata=metadata)
Procedure("gone(OUT n decimal(10,0))", "SELECT count(*) INTO n FROM users", metadata=metadata)
Procedure("noted()", "COMMENT 'once' READS SQL DATA SELECT count(*) FROM log", metadata=metadata)
Function(
    "half(n decimal(9,2))", "RETURNS decimal(9,2) DETERMINISTIC SQL SECURITY INVOKER RETURN n / 2", metadata=metadata
)
Trigger("named", "BEFORE INSERT ON users FOR EACH ROW SET NEW.name = TRIM(NEW.name)", metadata=metadata)
Trigger("counted", "BEFORE INSERT ON users FOR EACH ROW SET NEW.age = COALESCE(NEW.age, twice(1))", metadata=metadata)
