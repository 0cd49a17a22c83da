-- Reports that could be read but not recorded, whatever was tried: their records lie in progress.reported.dead.metrics, and
-- their receipts say so instead of staying incomplete.
CREATE TABLE metrics.put_aside (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- real time
    PRIMARY KEY (receipt, source, id)
);
