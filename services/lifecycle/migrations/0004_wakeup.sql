-- When a clue does something by itself next, of those that will: a cache of its state, written with the state's row.
CREATE TABLE clue_wakeup (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    due_at {time} NOT NULL,
    PRIMARY KEY (partition, clue_id)
--sqlite ) WITHOUT ROWID;
--postgres ) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX clue_wakeup_due ON clue_wakeup (partition, due_at, clue_id);
-- By which rules the partition's wake-ups were found; others: whoever takes it over finds them again.
ALTER TABLE clue_checkpoint ADD COLUMN waking integer NOT NULL DEFAULT 0;
