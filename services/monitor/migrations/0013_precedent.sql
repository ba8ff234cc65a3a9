-- Clues that were dispatched by a row of a rulebook that comes from a dispute: what that dispute's precedent decided since.
CREATE TABLE monitor_precedent (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    dispute_id {uuid} NOT NULL,
    reported_at {time} NOT NULL,
    PRIMARY KEY (partition, clue_id)
);
CREATE INDEX monitor_precedent_dispute ON monitor_precedent (dispute_id, reported_at, clue_id);
