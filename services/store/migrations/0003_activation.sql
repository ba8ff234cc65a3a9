-- An activation holds for clues that were reported from its time on (null: for all), unless it was withdrawn before that.
ALTER TABLE rulebook_activation ADD COLUMN effective_from {time};
-- Its number in activation_request; null: journalled before they were counted.
ALTER TABLE rulebook_activation ADD COLUMN activation integer;
-- Sequence of clue.events.v1 from which on it is withdrawn.
ALTER TABLE rulebook_activation ADD COLUMN withdrawn bigint;

-- What was asked for, by whom and why. No lane writes it, so there is no partition to lead with: of those who ask at once one
-- gets the number.
CREATE TABLE activation_request (
    activation integer PRIMARY KEY,
    version text NOT NULL,
    effective_from {time},
    asked_at {time} NOT NULL,
    asked_by text NOT NULL,
    why text NOT NULL,
    -- JSON: what the rulebook would have decided about clues of the past
    backtest text,
    withdrawn_at {time},
    withdrawn_by text,
    withdrawn_why text
);

-- How far the clues that wait in triage were offered to the rulebook that an activation (by its sequence) made hold there: up to
-- this sequence of clue.events.v1. Whoever looks may write it, for an offer twice is one.
CREATE TABLE activation_offer (
    partition integer NOT NULL,
    activated bigint NOT NULL,
    through bigint NOT NULL,
    PRIMARY KEY (partition, activated)
);
