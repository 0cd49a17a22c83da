-- Repaired rules that were adopted, and since when each partition is computed by them (rule 2.9).
CREATE TABLE metrics.recomputation (
    programme text NOT NULL,
    rules text NOT NULL,               -- the rule_version of the standings it moved
    partition integer NOT NULL,
    since timestamptz NOT NULL,        -- platform time: their known_at
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    actor text NOT NULL,
    PRIMARY KEY (programme, rules, partition)
);
