-- Of each clue's pending callbacks the one that is next can be found without looking at those behind it; when what came of a callback
-- was written down; and when the source's own record said what it had been told.
ALTER TABLE delivery_callback ADD COLUMN turn integer NOT NULL DEFAULT 1;
ALTER TABLE delivery_callback ADD COLUMN settled_at {time};
ALTER TABLE delivery_callback ADD COLUMN confirmed_at {time};

UPDATE delivery_callback SET turn = 0 WHERE state = 'pending' AND EXISTS (
    SELECT 1 FROM delivery_callback b WHERE b.partition = delivery_callback.partition AND b.clue_id = delivery_callback.clue_id
        AND b.link = delivery_callback.link AND b.version < delivery_callback.version AND b.state = 'pending');

DROP INDEX delivery_callback_pending;
CREATE INDEX delivery_callback_next ON delivery_callback (partition, source, step, due_at) WHERE state = 'pending' AND turn = 1;
CREATE INDEX delivery_callback_oldest ON delivery_callback (source, since) WHERE state = 'pending';
-- Dead letters are read page by page, in their order.
DROP INDEX delivery_callback_failed;
CREATE INDEX delivery_callback_dead ON delivery_callback (partition, clue_id, version, link) WHERE state = 'failed';
