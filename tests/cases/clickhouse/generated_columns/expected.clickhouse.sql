-- upgrade
ALTER TABLE sums
    MODIFY COLUMN a REMOVE DEFAULT,
    MODIFY COLUMN b Int32 DEFAULT if(a > 3 and id<5, a, toInt32(id)),
    MODIFY COLUMN thrice Int64 ALIAS (id * 2) + id,
    MODIFY COLUMN twice Int64 MATERIALIZED id * 4;

ALTER TABLE sums ADD COLUMN more String MATERIALIZED concat('it''s ', toString(id));

-- rollback
ALTER TABLE sums DROP COLUMN more;

ALTER TABLE sums
    MODIFY COLUMN twice Int64 MATERIALIZED id * 2,
    MODIFY COLUMN thrice Int64 ALIAS id * 3,
    MODIFY COLUMN b Int32 DEFAULT a + 1,
    MODIFY COLUMN a Int32 DEFAULT 7;
