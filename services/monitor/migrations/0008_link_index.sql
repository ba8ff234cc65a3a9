-- Which sources' records a clue has is asked of many clues at once.
CREATE INDEX monitor_link_clue ON monitor_link (partition, clue_id, source);
