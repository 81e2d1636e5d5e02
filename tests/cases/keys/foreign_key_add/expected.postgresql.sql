-- upgrade
ALTER TABLE child ADD FOREIGN KEY (parent_id) REFERENCES parent (id);

-- rollback
ALTER TABLE child DROP CONSTRAINT child_parent_id_fkey;
