-- Up to which sequence of the lane's journal every row of `clue_state` has its clue's events; behind it rows may lack some.
CREATE TABLE clue_checkpoint (
    partition integer PRIMARY KEY,
    sequence bigint NOT NULL
);
INSERT INTO clue_checkpoint (partition, sequence)
SELECT partition, out_sequence FROM lease WHERE consumer_group = 'lifecycle';
