-- How far the ladder has come with an open clue, for the due time that it has: its newest colour, as the policy names it, and the
-- level that it was shown to last (`unknown`: of nobody knows which level).
ALTER TABLE monitor_clue ADD COLUMN colour text;
ALTER TABLE monitor_clue ADD COLUMN escalated text;
CREATE INDEX monitor_clue_colour ON monitor_clue (colour, reported_at, clue_id) WHERE colour IS NOT NULL;
CREATE INDEX monitor_clue_escalated ON monitor_clue (escalated, reported_at, clue_id) WHERE escalated IS NOT NULL;
