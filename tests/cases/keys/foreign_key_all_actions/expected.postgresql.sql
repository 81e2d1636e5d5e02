-- upgrade
CREATE TABLE parent (
    id SERIAL,
    code VARCHAR(9),
    PRIMARY KEY (id),
    UNIQUE (code)
);

CREATE TABLE child (
    id SERIAL,
    a INTEGER,
    b INTEGER,
    c INTEGER,
    d INTEGER,
    e VARCHAR(9),
    f INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY (a) REFERENCES parent (id) ON DELETE CASCADE,
    FOREIGN KEY (b) REFERENCES parent (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    FOREIGN KEY (c) REFERENCES parent (id) ON DELETE SET DEFAULT,
    FOREIGN KEY (d) REFERENCES parent (id),
    FOREIGN KEY (e) REFERENCES parent (code) MATCH FULL,
    CONSTRAINT fk_self FOREIGN KEY (f) REFERENCES child (id)
);

-- rollback
DROP TABLE child;

DROP TABLE parent;
