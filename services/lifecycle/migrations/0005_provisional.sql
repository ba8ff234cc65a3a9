-- Clues of which a due time goes by a calendar that lacked a year when it was set, and by which; '' = by several: a cache of their states,
-- written with the states' rows.
CREATE TABLE clue_provisional (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    calendar text NOT NULL,
    PRIMARY KEY (partition, clue_id)
--sqlite ) WITHOUT ROWID;
--postgres );
CREATE INDEX clue_provisional_by ON clue_provisional (partition, calendar, clue_id);
