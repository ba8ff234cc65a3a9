-- What every service shares. Every table of a service leads with the partition: no row has writers in two partitions.

CREATE TABLE installation (
    key text PRIMARY KEY,
    value text NOT NULL
);

-- One row per consumer group and lane: the only commit point.
CREATE TABLE lease (
    consumer_group text NOT NULL,
    partition integer NOT NULL,
    epoch bigint NOT NULL,
    commits bigint NOT NULL,
    -- {"topic/partition": {"next": offset, "sequence": newest journal sequence, "read": records counted}}
    positions text NOT NULL,
    out_sequence bigint NOT NULL,
    published_sequence bigint NOT NULL,
    digest {bytes} NOT NULL,
    PRIMARY KEY (consumer_group, partition)
);

-- The journals. `previous` chains a clue's events backwards, so that no second index is needed.
CREATE TABLE clue_event (
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    clue_id {uuid},
    previous bigint,
    at {time} NOT NULL,
    type text NOT NULL,
    payload {bytes} NOT NULL,
    PRIMARY KEY (partition, sequence)
--sqlite ) WITHOUT ROWID;
--postgres );

CREATE TABLE intake_event (
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    clue_id {uuid},
    previous bigint,
    at {time} NOT NULL,
    type text NOT NULL,
    payload {bytes} NOT NULL,
    PRIMARY KEY (partition, sequence)
--sqlite ) WITHOUT ROWID;
--postgres );

CREATE TABLE dispute_event (
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    clue_id {uuid},
    previous bigint,
    at {time} NOT NULL,
    type text NOT NULL,
    payload {bytes} NOT NULL,
    PRIMARY KEY (partition, sequence)
--sqlite ) WITHOUT ROWID;
--postgres );

CREATE TABLE delivery_event (
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    clue_id {uuid},
    previous bigint,
    at {time} NOT NULL,
    type text NOT NULL,
    payload {bytes} NOT NULL,
    PRIMARY KEY (partition, sequence)
--sqlite ) WITHOUT ROWID;
--postgres );

-- Rulebooks and mappings: immutable, addressed by content.
CREATE TABLE document (
    digest text PRIMARY KEY,
    kind text NOT NULL,
    label text NOT NULL,
    content {bytes} NOT NULL
);

-- Which rulebook holds from which sequence of clue.events.v1 on.
CREATE TABLE rulebook_activation (
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (partition, sequence)
);

-- The free text of a clue. Erasing it is one row; the journals carry only its digest.
CREATE TABLE clue_text (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    version integer NOT NULL,
    title text,
    description text,
    place text,
    remark text,
    PRIMARY KEY (partition, clue_id, version)
);

-- What could not be read: bytes, origin, reason.
CREATE TABLE quarantine (
    partition integer NOT NULL,
    id {uuid} NOT NULL,
    consumer_group text NOT NULL,
    topic text NOT NULL,
    topic_partition integer NOT NULL,
    record_offset bigint NOT NULL,
    source text,
    file text,
    line bigint,
    reason text NOT NULL,
    field text,
    mapping text,
    headers text NOT NULL,
    bytes {bytes} NOT NULL,
    received_at {time} NOT NULL,
    -- waiting | replayed | discarded
    fate text NOT NULL,
    fate_at {time},
    fate_by text,
    fate_reason text,
    PRIMARY KEY (partition, id)
);
CREATE INDEX quarantine_by_id ON quarantine (id);
CREATE INDEX quarantine_by_time ON quarantine (received_at);
