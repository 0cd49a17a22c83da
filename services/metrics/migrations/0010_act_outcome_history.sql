-- What became of each act, version by version, so that it can be told as it was known at an earlier moment (rule 2.10).
CREATE TABLE metrics.act_outcome_history (
    act bigint NOT NULL REFERENCES metrics.act,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (act, version)
);
INSERT INTO metrics.act_outcome_history (act, version, outcome, code, decided_at)
SELECT act, version, outcome, code, decided_at FROM metrics.act_outcome;
