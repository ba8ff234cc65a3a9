-- Which of several documents of a source was used last: counts up within kind and label. 0: before it was counted.
ALTER TABLE document ADD COLUMN used bigint NOT NULL DEFAULT 0;
