-- What a clue is called where its id does not follow from that: other records stand for it, or it is known by another's.
CREATE TABLE monitor_link (
    source text NOT NULL,
    source_id text NOT NULL,
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    PRIMARY KEY (source, source_id, partition, clue_id)
);
CREATE INDEX monitor_link_partition ON monitor_link (partition);
