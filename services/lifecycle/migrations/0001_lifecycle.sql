-- Where each clue stands: a cache of fold(events), as of the clue's event `sequence`.
CREATE TABLE clue_state (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    version integer NOT NULL,
    sequence bigint NOT NULL,
    state {bytes} NOT NULL,
    PRIMARY KEY (partition, clue_id)
--sqlite ) WITHOUT ROWID;
--postgres ) WITH (fillfactor = 70);

-- How many clues were numbered, by area and day.
CREATE TABLE clue_number (
    partition integer NOT NULL,
    prefix text NOT NULL,
    used bigint NOT NULL,
    PRIMARY KEY (partition, prefix)
);
