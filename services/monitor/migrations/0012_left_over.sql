-- A draft whose clue was over before anybody issued or discarded it, and drafts that a person discarded. Beside drafts stand the
-- reminders of desks (kind `reminder`), which wait while the desk has still to do what it was reminded of.
ALTER TABLE monitor_notice ADD COLUMN left_over boolean NOT NULL DEFAULT false;
ALTER TABLE monitor_notice ADD COLUMN discarded_at {time};
CREATE INDEX monitor_notice_left_over ON monitor_notice (drafted_at) WHERE left_over;
CREATE INDEX monitor_notice_discarded ON monitor_notice (discarded_at) WHERE discarded_at IS NOT NULL;
