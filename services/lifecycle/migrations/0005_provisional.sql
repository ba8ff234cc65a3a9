-- Clues of which a due time goes by a calendar that lacked a year when it was set: a cache of their states, written with the states' rows.
CREATE TABLE clue_provisional (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    PRIMARY KEY (partition, clue_id)
--sqlite ) WITHOUT ROWID;
--postgres );
-- The calendar by which all of the partition's were computed again.
ALTER TABLE clue_checkpoint ADD COLUMN calendar text;
