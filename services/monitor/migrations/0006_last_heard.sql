-- When each source was heard last, by intake's journal.
CREATE TABLE monitor_source (
    partition integer NOT NULL,
    source text NOT NULL,
    last_heard_at {time} NOT NULL,
    PRIMARY KEY (partition, source)
);

-- All of monitor is built from the journals, which are kept for ever: without a lease they are read from the beginning again.
DELETE FROM monitor_clue;
DELETE FROM monitor_record;
DELETE FROM monitor_delivery;
DELETE FROM monitor_quarantine;
DELETE FROM monitor_feedback;
DELETE FROM monitor_callback;
DELETE FROM lease WHERE consumer_group = 'monitor';
