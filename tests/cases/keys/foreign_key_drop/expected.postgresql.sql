-- upgrade
ALTER TABLE child DROP CONSTRAINT fk_child_parent;

-- rollback
ALTER TABLE child ADD CONSTRAINT fk_child_parent FOREIGN KEY (parent_id) REFERENCES parent (id) NOT VALID;

ALTER TABLE child VALIDATE CONSTRAINT fk_child_parent;
