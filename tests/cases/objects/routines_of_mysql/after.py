import sqlalchemy as sa

from dbwarden.objects import Function, Procedure, Trigger

metadata = sa.MetaData()
sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
    sa.Column("age", sa.Integer),
    sa.Column("email", sa.String(80)),
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("line", sa.String(200)))
Function("twice(n decimal(12,2))", "RETURNS decimal(12,2) DETERMINISTIC NO SQL RETURN n * 2", metadata=metadata)
Function(
    "greeting(name VARCHAR(50))", "RETURNS VARCHAR(60) DETERMINISTIC RETURN CONCAT('Hello ', name)", metadata=metadata
)
Procedure(
    "tidy()",
    """
    COMMENT 'of old lines'
    BEGIN
        DELETE FROM log WHERE id < 0;
        INSERT INTO log VALUES (0, 'tidied');
    END
    """,
    metadata=metadata,
)
Procedure("noted()", "COMMENT 'It''s used' SQL SECURITY INVOKER SELECT count(*) FROM log", metadata=metadata)
Function(
    "half(n decimal(9,2))",
    "RETURNS decimal(9,2) DETERMINISTIC SQL SECURITY DEFINER NO SQL COMMENT 'of a number' RETURN n / 2",
    metadata=metadata,
)
Trigger("named", "BEFORE INSERT ON users FOR EACH ROW SET NEW.name = TRIM(NEW.name)", metadata=metadata)
Trigger(
    "counted",
    """
    BEFORE INSERT ON users FOR EACH ROW
    BEGIN
        SET NEW.age = COALESCE(NEW.age, twice(2));
        SET NEW.email = CONCAT(NEW.name, '@example.org');
    END
    """,
    metadata=metadata,
)
