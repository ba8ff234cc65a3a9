-- What platforms call a clue whose id does not follow from that: agencies name it so.
CREATE TABLE delivery_name (
    source text NOT NULL,
    source_id text NOT NULL,
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    PRIMARY KEY (source, source_id, partition, clue_id)
--sqlite ) WITHOUT ROWID;
--postgres );
