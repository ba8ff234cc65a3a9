-- What a clue's source is told of it: one row per step, as it was when the step happened.
CREATE TABLE delivery_callback (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    -- the clue's, when the step happened
    version integer NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    step text NOT NULL,
    -- pending | acknowledged | failed
    state text NOT NULL,
    attempts integer NOT NULL,
    -- when it became due, or was to be sent again
    since {time} NOT NULL,
    -- of the next attempt
    due_at {time} NOT NULL,
    -- free text may be in it: gone once it is acknowledged
    body text,
    -- of the last attempt that failed
    reason text,
    status integer,
    PRIMARY KEY (partition, clue_id, version)
--sqlite ) WITHOUT ROWID;
--postgres ) WITH (fillfactor = 80);

CREATE INDEX delivery_callback_pending ON delivery_callback (partition, source, due_at) WHERE state = 'pending';
CREATE INDEX delivery_callback_failed ON delivery_callback (source, since) WHERE state = 'failed';
