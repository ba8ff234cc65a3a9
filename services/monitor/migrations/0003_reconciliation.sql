-- What reconciling a source's own list came to. No lane writes it, so there is no partition to lead with: a row belongs to
-- whoever claimed the day, and of those who try at once one does.
CREATE TABLE monitor_reconciliation (
    source text NOT NULL,
    -- the civil day of a daily run, or by_hand
    run text NOT NULL,
    -- tells a claim from the one that took it over
    started_at {time} NOT NULL,
    finished_at {time},
    -- running | agrees | differs | failed
    outcome text NOT NULL,
    -- JSON: why it failed, what it came to, and of a source's newest run each difference
    problem text,
    summary text,
    differing text,
    PRIMARY KEY (source, run)
);
