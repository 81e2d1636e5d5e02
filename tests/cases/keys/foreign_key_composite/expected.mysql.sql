-- upgrade
CREATE TABLE p (
    a INT NOT NULL,
    b INT NOT NULL,
    PRIMARY KEY (a, b)
);

CREATE TABLE c (
    id INT NOT NULL AUTO_INCREMENT,
    a INT,
    b INT,
    PRIMARY KEY (id),
    INDEX fk_c_p (a, b),
    CONSTRAINT fk_c_p FOREIGN KEY (a, b) REFERENCES p (a, b)
);

-- rollback
DROP TABLE c;

DROP TABLE p;
