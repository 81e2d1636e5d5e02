-- upgrade
CREATE TABLE b (
    id INT NOT NULL AUTO_INCREMENT,
    a_id INT,
    PRIMARY KEY (id),
    INDEX fk_b_a (a_id)
);

CREATE TABLE a (
    id INT NOT NULL AUTO_INCREMENT,
    b_id INT,
    PRIMARY KEY (id),
    INDEX fk_a_b (b_id),
    CONSTRAINT fk_a_b FOREIGN KEY (b_id) REFERENCES b (id)
);

ALTER TABLE b ADD CONSTRAINT fk_b_a FOREIGN KEY (a_id) REFERENCES a (id);

-- rollback
ALTER TABLE b
    DROP FOREIGN KEY fk_b_a,
    ALGORITHM=INPLACE, LOCK=NONE;

DROP TABLE a;

DROP TABLE b;
