-- What a later notice must say of a clue: facts that only its first events carry, and who has it now.
CREATE TABLE delivery_clue (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    number text NOT NULL,
    -- JSON, so that a later version may add to it
    facts text NOT NULL,
    PRIMARY KEY (partition, clue_id)
--sqlite ) WITHOUT ROWID;
--postgres ) WITH (fillfactor = 80);

-- Agencies name clues by number.
CREATE INDEX delivery_clue_number ON delivery_clue (number);
