-- Where each dispute stands: a cache of fold(events), as of the dispute's event `sequence`. The columns after the state are the
-- state's too, for whoever looks disputes up.
CREATE TABLE dispute (
    partition integer NOT NULL,
    dispute_id {uuid} NOT NULL,
    clue_id {uuid} NOT NULL,
    version integer NOT NULL,
    sequence bigint NOT NULL,
    state {bytes} NOT NULL,
    -- What it waits for; none: it is not open.
    step text,
    -- Before whom it is; none: it was never opened.
    forum text,
    -- Of a county's: which.
    county text,
    -- Until when the open step may take.
    due_at {time},
    PRIMARY KEY (partition, dispute_id)
--sqlite ) WITHOUT ROWID;
--postgres ) WITH (fillfactor = 70);
-- A clue has at most one open dispute.
CREATE UNIQUE INDEX dispute_open ON dispute (partition, clue_id) WHERE step IS NOT NULL;
CREATE INDEX dispute_due ON dispute (due_at, dispute_id) WHERE step IS NOT NULL;
CREATE INDEX dispute_clue ON dispute (clue_id);
-- People name a dispute without its partition.
CREATE INDEX dispute_id ON dispute (dispute_id);

-- Agencies that a dispute concerns: its parties, its lead, and those that a ruling names.
CREATE TABLE dispute_agency (
    agency text NOT NULL,
    partition integer NOT NULL,
    dispute_id {uuid} NOT NULL,
    PRIMARY KEY (agency, partition, dispute_id)
--sqlite ) WITHOUT ROWID;
--postgres );

-- Free text of disputes, by the event that has its digest; erasable.
CREATE TABLE dispute_text (
    partition integer NOT NULL,
    dispute_id {uuid} NOT NULL,
    version integer NOT NULL,
    title text,
    description text,
    place text,
    remark text,
    PRIMARY KEY (partition, dispute_id, version)
--sqlite ) WITHOUT ROWID;
--postgres );
