-- What became of what platforms fed back: refused by lifecycle, and why; parked until the clue is dispatched. Counts only grow.
CREATE TABLE monitor_feedback (
    partition integer NOT NULL,
    source text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    records bigint NOT NULL,
    PRIMARY KEY (partition, source, outcome, reason)
);
