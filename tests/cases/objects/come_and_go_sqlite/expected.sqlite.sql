-- upgrade
DROP TRIGGER old_trigger;

CREATE TRIGGER new_trigger AFTER UPDATE ON t BEGIN SELECT 1; END;

-- rollback
DROP TRIGGER new_trigger;

CREATE TRIGGER old_trigger AFTER UPDATE ON t BEGIN SELECT 1; END;
