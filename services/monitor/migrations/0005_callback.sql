-- What sources were told of their clues: how many of each step became due (state `due`), and where they stand now.
CREATE TABLE monitor_callback (
    partition integer NOT NULL,
    source text NOT NULL,
    step text NOT NULL,
    state text NOT NULL,
    records bigint NOT NULL,
    PRIMARY KEY (partition, source, step, state)
);
