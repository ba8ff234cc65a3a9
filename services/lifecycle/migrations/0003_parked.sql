-- Feedback that came before its clue was dispatched, until that is: by the sequence of the event that says so.
CREATE TABLE lifecycle_parked (
    partition integer NOT NULL,
    sequence bigint NOT NULL,
    clue_id {uuid} NOT NULL,
    parked_at {time} NOT NULL,
    command {bytes} NOT NULL,
    PRIMARY KEY (partition, sequence)
);
CREATE INDEX lifecycle_parked_oldest ON lifecycle_parked (parked_at);
