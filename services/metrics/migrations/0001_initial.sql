-- Everything metrics knows: the programme as tables, every fact with its two clocks (append-only), what became of it,
-- and the present state and history of each cell. Boards read the plain columns; the services read the documents.

CREATE SCHEMA IF NOT EXISTS metrics;

-- The programme, written by `python -m services.metrics load` from the catalogue. -------------------------------------

CREATE TABLE metrics.programme (
    programme text PRIMARY KEY,
    catalogue_version text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    live_since timestamptz NOT NULL
);

CREATE TABLE metrics.district (
    programme text NOT NULL REFERENCES metrics.programme,
    district text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    kind text NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (programme, district)
);

CREATE TABLE metrics.department (
    programme text NOT NULL REFERENCES metrics.programme,
    department text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (programme, department)
);

CREATE TABLE metrics.indicator (
    programme text NOT NULL REFERENCES metrics.programme,
    indicator text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    area text NOT NULL,
    area_zh text NOT NULL,
    area_en text NOT NULL,
    unit text NOT NULL,
    unit_zh text NOT NULL,
    direction smallint NOT NULL,
    goal text NOT NULL,
    schedule text NOT NULL,
    frequency text NOT NULL,
    writer text NOT NULL,
    lead text NOT NULL,
    aggregate text NOT NULL,
    rankable boolean NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (programme, indicator)
);

CREATE TABLE metrics.series (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    partition integer NOT NULL,
    answers text NOT NULL,     -- the district or the department that writes it (rule 2.4)
    department text NOT NULL,  -- the lead
    PRIMARY KEY (programme, indicator, district),
    FOREIGN KEY (programme, indicator) REFERENCES metrics.indicator,
    FOREIGN KEY (programme, district) REFERENCES metrics.district
);

-- Every cell exists from the start; version 0: nothing is known of it yet.
CREATE TABLE metrics.cell (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    period_end date NOT NULL,
    due_at timestamptz,          -- null: never due (the base year, a comparison figure)
    lock_at timestamptz,
    applicable boolean NOT NULL,
    excused boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 0,
    value numeric,
    expected numeric,
    target numeric,
    lag numeric,                 -- percentage points
    ratio numeric,
    short numeric,
    attainment numeric,
    mode text,
    reason text,
    received_at timestamptz,     -- the first non-null applied value (rule 7.2)
    withdrawn boolean NOT NULL DEFAULT false,
    conflict boolean NOT NULL DEFAULT false,
    flags text[] NOT NULL DEFAULT '{}',
    known_at timestamptz,
    digest bytea,                -- of the standing without version and known_at: tells whether a fold changed it
    standing json,
    PRIMARY KEY (programme, indicator, district, period),
    FOREIGN KEY (programme, indicator, district) REFERENCES metrics.series
) WITH (fillfactor = 70);
CREATE INDEX cell_with_value ON metrics.cell (programme, indicator, district, period_end DESC) WHERE value IS NOT NULL;
CREATE INDEX cell_of_district ON metrics.cell (programme, district, period_end);
CREATE INDEX cell_due ON metrics.cell (due_at) WHERE applicable AND due_at IS NOT NULL;

-- Facts and what became of them. ---------------------------------------------------------------------------------------

-- One row an indicator, locked in key order by every batch that touches it. `moved` counts those batches and is written
-- beside all that one of them moved, so that a redelivered report finds the cells and outcomes it had moved again.
CREATE TABLE metrics.ledger (
    programme text NOT NULL,
    indicator text NOT NULL,
    moved bigint NOT NULL,
    PRIMARY KEY (programme, indicator)
) WITH (fillfactor = 50);

CREATE TABLE metrics.report (
    report bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    receipt text NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,         -- of the cell; `document` holds it as sent (a year for its last period, rule 2.1)
    revision integer NOT NULL,
    value text,                   -- as sent; null withdraws
    unit text NOT NULL,           -- as sent
    value_in_unit numeric,        -- in the indicator's unit
    reason text,
    confidence text,
    status text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    department text,
    time timestamptz,
    recordedtime timestamptz,
    stamped_at timestamptz NOT NULL,   -- platform time, by ingest
    received_at timestamptz NOT NULL,  -- the later of stamped_at and the partition's announced watermark
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- real time
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    moved bigint NOT NULL,
    refused text,                 -- why it is no fact: the programme of this service knows no such cell or unit
    document json NOT NULL,       -- the report as sent
    UNIQUE (source, id)
);
CREATE INDEX report_of_cell ON metrics.report (programme, indicator, district, period);

-- The newest version of each report's outcome (rule 2.6).
CREATE TABLE metrics.outcome (
    report bigint PRIMARY KEY REFERENCES metrics.report,
    programme text NOT NULL,
    indicator text NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    flags text[] NOT NULL DEFAULT '{}',
    decided_at timestamptz NOT NULL,
    moved bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX outcome_moved ON metrics.outcome (programme, indicator, moved);

-- Each accepted item of each receipt. `outcome` is set where the item is not the recorded report itself (duplicate,
-- id_conflict); otherwise metrics.outcome of `report` holds.
CREATE TABLE metrics.receipt_item (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    report bigint NOT NULL REFERENCES metrics.report,
    outcome text,
    document json,                -- of an id_conflict: the report that was not recorded
    decided_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (receipt, source, id, payload_hash)
);

-- Every version of every standing, append-only.
CREATE TABLE metrics.standing (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    version bigint NOT NULL,
    known_at timestamptz NOT NULL,
    moved bigint NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (programme, indicator, district, period, version)
);
CREATE INDEX standing_moved ON metrics.standing (programme, indicator, moved);

CREATE TABLE metrics.watermark (
    partition integer PRIMARY KEY,
    through timestamptz NOT NULL,
    position bigint NOT NULL
) WITH (fillfactor = 50);

-- What boards ask. -----------------------------------------------------------------------------------------------------

-- Platform time as far as the pipeline has come; the real time before anything was announced.
CREATE FUNCTION metrics.platform_time() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT coalesce((SELECT max(through) FROM metrics.watermark), now()) $$;

-- The newest cell with a value of each series.
CREATE VIEW metrics.newest AS
SELECT cell.*, series.department, series.answers
FROM metrics.series
CROSS JOIN LATERAL (
    SELECT * FROM metrics.cell
    WHERE cell.programme = series.programme AND cell.indicator = series.indicator
      AND cell.district = series.district AND cell.value IS NOT NULL
    ORDER BY cell.period_end DESC LIMIT 1
) AS cell;

-- The cells that completeness counts at a moment (rule 7.2): applicable, due, not excused.
CREATE FUNCTION metrics.duties(at timestamptz)
RETURNS TABLE (programme text, indicator text, district text, period text, due_at timestamptz,
               department text, answers text, received boolean, on_time boolean)
LANGUAGE sql STABLE AS $$
    SELECT cell.programme, cell.indicator, cell.district, cell.period, cell.due_at, series.department, series.answers,
           coalesce(cell.received_at <= at AND NOT cell.withdrawn, false),
           coalesce(cell.received_at < cell.due_at AND NOT cell.withdrawn, false)
    FROM metrics.cell JOIN metrics.series USING (programme, indicator, district)
    WHERE cell.applicable AND cell.due_at IS NOT NULL AND cell.due_at <= at
      AND NOT (cell.excused AND (cell.received_at IS NULL OR cell.received_at > at OR cell.withdrawn))
$$;

-- The time is asked once (SELECT), not for each cell.
CREATE VIEW metrics.district_completeness AS
SELECT programme, district, count(*) AS due, count(*) FILTER (WHERE received) AS received,
       count(*) FILTER (WHERE on_time) AS on_time,
       round(count(*) FILTER (WHERE received)::numeric / count(*), 4) AS completeness,
       round(count(*) FILTER (WHERE on_time)::numeric / count(*), 4) AS timeliness
FROM metrics.duties((SELECT metrics.platform_time())) GROUP BY programme, district;

CREATE VIEW metrics.department_completeness AS
SELECT programme, department, count(*) AS due, count(*) FILTER (WHERE received) AS received,
       count(*) FILTER (WHERE on_time) AS on_time,
       round(count(*) FILTER (WHERE received)::numeric / count(*), 4) AS completeness,
       round(count(*) FILTER (WHERE on_time)::numeric / count(*), 4) AS timeliness
FROM metrics.duties((SELECT metrics.platform_time())) GROUP BY programme, department;

-- The read-only role of the boards: made here when allowed, without a login (deploy gives it one).
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'liangshai_read')
       AND EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)) THEN
        BEGIN
            CREATE ROLE liangshai_read NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another service's migration made it at the same moment
        END;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'liangshai_read') THEN
        GRANT USAGE ON SCHEMA metrics TO liangshai_read;
        GRANT SELECT ON ALL TABLES IN SCHEMA metrics TO liangshai_read;
        ALTER DEFAULT PRIVILEGES IN SCHEMA metrics GRANT SELECT ON TABLES TO liangshai_read;
    END IF;
END
$$;
