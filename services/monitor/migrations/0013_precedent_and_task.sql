-- Clues that were dispatched by a row of a rulebook that comes from a dispute: what that dispute's precedent decided since.
CREATE TABLE monitor_precedent (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    dispute_id {uuid} NOT NULL,
    reported_at {time} NOT NULL,
    PRIMARY KEY (partition, clue_id)
);
CREATE INDEX monitor_precedent_dispute ON monitor_precedent (dispute_id, reported_at, clue_id);

-- What agencies were asked for beside the responsible one.
CREATE TABLE monitor_task (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    task integer NOT NULL,
    agency text NOT NULL,
    kind text NOT NULL,
    asked_at {time} NOT NULL,
    arrival_at {time},
    arrived_at {time},
    due_at {time},
    answered_at {time},
    over_at {time},
    -- of what is still to come, the arrival or the answer
    next_due {time},
    rating integer,
    PRIMARY KEY (partition, clue_id, task)
);
CREATE INDEX monitor_task_open ON monitor_task (agency, next_due) WHERE over_at IS NULL;
CREATE INDEX monitor_task_over ON monitor_task (agency, over_at) WHERE over_at IS NOT NULL;

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
