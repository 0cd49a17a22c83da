-- What became of each report, version by version, so that it can be told as it was known at an earlier moment (rule 2.10).
CREATE TABLE metrics.outcome_history (
    report bigint NOT NULL REFERENCES metrics.report,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    flags text[] NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (report, version)
);
INSERT INTO metrics.outcome_history (report, version, outcome, code, flags, decided_at)
SELECT report, version, outcome, code, flags, decided_at FROM metrics.outcome;
