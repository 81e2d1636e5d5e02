-- upgrade
ALTER TABLE pets
    DROP FOREIGN KEY fk_owner,
    ALGORITHM=INSTANT;

ALTER TABLE pets
    DROP INDEX fk_owner,
    ADD INDEX fk_sitter (sitter_id),
    ADD INDEX ix_vet_born (vet_id, born),
    DROP INDEX ix_vet,
    ALGORITHM=NOCOPY, LOCK=NONE;

ALTER TABLE pets
    ADD CONSTRAINT fk_sitter FOREIGN KEY (sitter_id) REFERENCES owners (id) ON DELETE SET NULL,
    ALGORITHM=COPY, LOCK=SHARED;

-- rollback
ALTER TABLE pets
    DROP FOREIGN KEY fk_sitter,
    ALGORITHM=INSTANT;

ALTER TABLE pets
    ADD INDEX ix_vet (vet_id),
    DROP INDEX ix_vet_born,
    DROP INDEX fk_sitter,
    ADD INDEX fk_owner (owner_id),
    ALGORITHM=NOCOPY, LOCK=NONE;

ALTER TABLE pets
    ADD CONSTRAINT fk_owner FOREIGN KEY (owner_id) REFERENCES owners (id),
    ALGORITHM=COPY, LOCK=SHARED;
