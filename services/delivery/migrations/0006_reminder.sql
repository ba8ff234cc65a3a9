-- What agencies are to be reminded of and were not told yet. `bundle`: with what else it goes out, which never changes again.
CREATE TABLE delivery_reminder (
    partition integer NOT NULL,
    clue_id {uuid} NOT NULL,
    version integer NOT NULL,
    agency text NOT NULL,
    rung text NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    due_at {time} NOT NULL,
    late boolean NOT NULL,
    heard_at {time} NOT NULL,
    bundle {uuid},
    PRIMARY KEY (partition, clue_id, version)
--sqlite ) WITHOUT ROWID;
--postgres ) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX delivery_reminder_waiting ON delivery_reminder (partition, agency, rung, kind, heard_at) WHERE bundle IS NULL;
