-- ok
-- dbwarden: ignore keep-data, keep-names: nobody uses it
DROP TABLE a;
-- expect: WARN here keep-data is ignored without a reason
-- dbwarden: ignore keep-data
DROP TABLE b;
-- expect: WARN here there is no rule 'keep-dat'
-- dbwarden: ignore keep-dat: a slip
DROP TABLE c;
