-- upgrade
ALTER SEQUENCE t_id_seq OWNED BY NONE;

ALTER SEQUENCE t_id_seq RENAME TO t_id_seq_old;

ALTER TABLE t
    ALTER COLUMN id DROP DEFAULT,
    ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;

SELECT setval('t_id_seq', last_value, is_called) FROM t_id_seq_old;

DROP SEQUENCE t_id_seq_old;

-- rollback
CREATE SEQUENCE t_id_seq_new AS INTEGER OWNED BY t.id;

SELECT setval('t_id_seq_new', last_value, is_called) FROM t_id_seq;

ALTER TABLE t
    ALTER COLUMN id DROP IDENTITY,
    ALTER COLUMN id SET DEFAULT nextval('t_id_seq_new'::regclass);

ALTER SEQUENCE t_id_seq_new RENAME TO t_id_seq;
