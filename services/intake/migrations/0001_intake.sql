-- How far each imported file was read: the ordinal of the next record. Its records come in order, so one number tells repeats.
CREATE TABLE intake_file (
    partition integer NOT NULL,
    file text NOT NULL,
    source text NOT NULL,
    next_ordinal bigint NOT NULL,
    PRIMARY KEY (partition, file, source)
);

-- Records that carry an identity of their own (CloudEvents).
CREATE TABLE intake_record (
    partition integer NOT NULL,
    record_id {uuid} NOT NULL,
    PRIMARY KEY (partition, record_id)
--sqlite ) WITHOUT ROWID;
--postgres );
