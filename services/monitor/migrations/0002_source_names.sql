-- What the source called matter and area where the rulebook has no code for it: reports have rows of that name, and a list of
-- the clues behind a row is asked for by it.
ALTER TABLE monitor_clue ADD COLUMN source_area text;
ALTER TABLE monitor_clue ADD COLUMN source_matter text;
-- One word for it everywhere.
ALTER TABLE monitor_clue RENAME COLUMN state TO stage;

-- All of monitor is built from the journals, which are kept for ever: without a lease they are read from the beginning again.
DELETE FROM monitor_clue;
DELETE FROM monitor_record;
DELETE FROM monitor_delivery;
DELETE FROM monitor_quarantine;
DELETE FROM lease WHERE consumer_group = 'monitor';
