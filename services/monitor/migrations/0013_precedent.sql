-- Clues that were dispatched by a row of a rulebook that comes from a dispute: what that dispute's precedent decided since.
CREATE TABLE monitor_precedent (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    dispute_id {uuid} NOT NULL,
    reported_at {time} NOT NULL,
    PRIMARY KEY (partition, clue_id)
);
CREATE INDEX monitor_precedent_dispute ON monitor_precedent (dispute_id, reported_at, clue_id);

-- Since when the overall clock of an open clue stands still: until then its deadline counts.
ALTER TABLE monitor_clue ADD COLUMN stands_since {time};

-- All of monitor is built from the journals, which are kept for ever: without a lease they are read from the beginning again.
DELETE FROM monitor_clue;
DELETE FROM monitor_record;
DELETE FROM monitor_delivery;
DELETE FROM monitor_quarantine;
DELETE FROM monitor_feedback;
DELETE FROM monitor_callback;
DELETE FROM monitor_source;
DELETE FROM monitor_link;
DELETE FROM monitor_notice;
DELETE FROM lease WHERE consumer_group = 'monitor';
