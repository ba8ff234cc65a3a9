-- What waits in triage is asked for again and again, by the sequence of its newest event.
CREATE INDEX monitor_clue_triage ON monitor_clue (partition, newest) WHERE holder = 'triage';
