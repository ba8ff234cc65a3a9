-- One row per clue: what lists show, and the facts that figures are computed from.
CREATE TABLE monitor_clue (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    number text NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    state text NOT NULL,
    -- routing | triage | coordinator | agency | verification; null once the clue is closed, rejected or voided
    holder text,
    held_since {time} NOT NULL,
    agency text,
    area text,
    matter text,
    reported_at {time} NOT NULL,
    deadline {time},
    closed_at {time},
    flagged boolean NOT NULL,
    version integer NOT NULL,
    -- sequence of the clue's newest event: from there its journal can be walked back
    newest bigint NOT NULL,
    -- a format byte, then the facts; another format is folded again from the journal
    facts {bytes} NOT NULL,
    PRIMARY KEY (partition, clue_id)
--sqlite );
--postgres ) WITH (fillfactor = 80);

-- Not unique: lifecycle makes numbers unique and `verify` checks it; here a second one must not stop the projection.
CREATE INDEX monitor_clue_number ON monitor_clue (number);
CREATE INDEX monitor_clue_newest ON monitor_clue (reported_at, clue_id);
CREATE INDEX monitor_clue_agency ON monitor_clue (agency, reported_at, clue_id);
CREATE INDEX monitor_clue_open ON monitor_clue (reported_at, clue_id) WHERE holder IS NOT NULL;

-- What became of records. Counts only grow: `quarantined` is what ever was.
CREATE TABLE monitor_record (
    partition integer NOT NULL,
    source text NOT NULL,
    topic text NOT NULL,
    disposition text NOT NULL,
    records bigint NOT NULL,
    PRIMARY KEY (partition, source, topic, disposition)
);

-- How often agencies were given clues, how often their systems were told, and what these answered.
CREATE TABLE monitor_delivery (
    partition integer NOT NULL,
    agency text NOT NULL,
    topic text NOT NULL,
    outcome text NOT NULL,
    records bigint NOT NULL,
    PRIMARY KEY (partition, agency, topic, outcome)
);

-- What could not be read, by the service that could not, and why.
CREATE TABLE monitor_quarantine (
    partition integer NOT NULL,
    service text NOT NULL,
    source text NOT NULL,
    reason text NOT NULL,
    records bigint NOT NULL,
    PRIMARY KEY (partition, service, source, reason)
);
