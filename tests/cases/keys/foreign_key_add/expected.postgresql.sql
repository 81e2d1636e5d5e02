-- upgrade
ALTER TABLE child ADD CONSTRAINT child_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent (id) NOT VALID;

ALTER TABLE child VALIDATE CONSTRAINT child_parent_id_fkey;

-- rollback
ALTER TABLE child DROP CONSTRAINT child_parent_id_fkey;
