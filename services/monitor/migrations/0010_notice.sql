-- What the ladder drafted and a person issues, found without a look at every clue. `waits`: nobody has issued it, and somebody can.
CREATE TABLE monitor_notice (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    rung text NOT NULL,
    due_at {time} NOT NULL,
    kind text NOT NULL,
    agency text,
    drafted_at {time} NOT NULL,
    issued_at {time},
    waits boolean NOT NULL,
    PRIMARY KEY (partition, clue_id, rung, due_at)
);
CREATE INDEX monitor_notice_waits ON monitor_notice (drafted_at) WHERE waits;
CREATE INDEX monitor_notice_issued ON monitor_notice (issued_at) WHERE issued_at IS NOT NULL;
