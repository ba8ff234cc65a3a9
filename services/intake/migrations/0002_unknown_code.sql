-- Codes of sources that neither mapping nor rulebook know, with how many records held them: counted by lane, so that lanes do not
-- wait for each other.
CREATE TABLE intake_unknown_code (
    partition integer NOT NULL,
    source text NOT NULL,
    field text NOT NULL,
    code text NOT NULL,
    records bigint NOT NULL,
    first_seen {time} NOT NULL,
    PRIMARY KEY (partition, source, field, code)
);

-- Of which of them somebody was told: once for all lanes.
CREATE TABLE intake_unknown_code_alarm (
    source text NOT NULL,
    field text NOT NULL,
    code text NOT NULL,
    raised_at {time} NOT NULL,
    PRIMARY KEY (source, field, code)
);
