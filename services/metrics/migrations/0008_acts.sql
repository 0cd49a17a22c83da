-- Acts on cells (rule 2.9): recorded like reports, each once with its outcome; what they leave of a cell stands in it.

ALTER TABLE metrics.cell ADD COLUMN excused_until timestamptz;  -- null while excused: until the office ends it
ALTER TABLE metrics.cell ADD COLUMN published_at timestamptz;   -- of a publication that came before lock_at: it locks

CREATE TABLE metrics.act (
    act bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    receipt text NOT NULL,
    kind text NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,              -- of the cell
    report_source text,                -- the report it is about
    report_id text,
    reason text,
    until date,
    subject text NOT NULL,             -- who acted
    department text,
    time timestamptz,
    stamped_at timestamptz NOT NULL,   -- platform time, by ingest
    received_at timestamptz NOT NULL,  -- the later of stamped_at and the partition's announced watermark
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- real time
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    moved bigint NOT NULL,
    refused text,                      -- why it is no act: the programme of this service knows no such cell
    document json NOT NULL,            -- the act as sent
    UNIQUE (source, id)
);
CREATE INDEX act_of_cell ON metrics.act (programme, indicator, district, period);
CREATE INDEX act_on_report ON metrics.act (report_source, report_id) WHERE report_id IS NOT NULL;

-- The newest version of each act's outcome.
CREATE TABLE metrics.act_outcome (
    act bigint PRIMARY KEY REFERENCES metrics.act,
    programme text NOT NULL,
    indicator text NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamptz NOT NULL,
    moved bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX act_outcome_moved ON metrics.act_outcome (programme, indicator, moved);

-- Each accepted act of each receipt; `outcome` is set where it is not the recorded act itself (duplicate, id_conflict).
CREATE TABLE metrics.act_item (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    act bigint NOT NULL REFERENCES metrics.act,
    outcome text,
    document json,                     -- of an id_conflict: the act that was not recorded
    decided_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (receipt, source, id, payload_hash)
);

CREATE INDEX outcome_held ON metrics.outcome (programme, indicator) WHERE outcome = 'held_for_approval';

-- When a cell takes no report without the office any more (rule 2.9).
CREATE FUNCTION metrics.locked_at(cell metrics.cell) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$ SELECT least(cell.lock_at, cell.published_at) $$;

-- The state of a cell at a moment (rule 7.2); contracts/calendar.py says the same. A value that came after the moment
-- was not received then; an excuse counts only while nothing is received.
CREATE FUNCTION metrics.state_of(cell metrics.cell, earlier boolean, at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT cell.applicable THEN 'not_applicable'
        WHEN cell.received_at <= at AND NOT cell.withdrawn THEN
            CASE WHEN cell.due_at IS NULL OR cell.received_at < cell.due_at
                 THEN 'received_on_time' ELSE 'received_late' END
        WHEN cell.excused AND (cell.excused_until IS NULL OR at < cell.excused_until) THEN 'excused'
        WHEN cell.due_at IS NULL OR at < (cell.period_end + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' THEN 'not_due'
        WHEN at < cell.due_at THEN 'due'
        WHEN earlier THEN 'overdue'
        ELSE 'never_reported'
    END
$$;

CREATE OR REPLACE FUNCTION metrics.duties(at timestamptz)
RETURNS TABLE (programme text, indicator text, district text, period text, due_at timestamptz,
               department text, answers text, received boolean, on_time boolean)
LANGUAGE sql STABLE AS $$
    SELECT cell.programme, cell.indicator, cell.district, cell.period, cell.due_at, series.department, series.answers,
           coalesce(cell.received_at <= at AND NOT cell.withdrawn, false),
           coalesce(cell.received_at < cell.due_at AND NOT cell.withdrawn, false)
    FROM metrics.cell JOIN metrics.series USING (programme, indicator, district)
    WHERE cell.applicable AND cell.due_at IS NOT NULL AND cell.due_at <= at
      AND NOT (cell.excused AND (cell.excused_until IS NULL OR at < cell.excused_until)
               AND (cell.received_at IS NULL OR cell.received_at > at OR cell.withdrawn))
$$;
