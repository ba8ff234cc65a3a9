-- Of sources whose records name others that stand for the same clue (same_as): which clue each record is of, since it was seen or
-- named first. A row never changes.
CREATE TABLE intake_name (
    source text NOT NULL,
    source_id text NOT NULL,
    clue_id {uuid} NOT NULL,
    PRIMARY KEY (source, source_id)
--sqlite ) WITHOUT ROWID;
--postgres );

-- Which record of a source was the first to name a record: only where the mapping says so another one may name it, too.
CREATE TABLE intake_naming (
    source text NOT NULL,
    source_id text NOT NULL,
    by_source text NOT NULL,
    by_id text NOT NULL,
    PRIMARY KEY (source, source_id, by_source)
--sqlite ) WITHOUT ROWID;
--postgres );
