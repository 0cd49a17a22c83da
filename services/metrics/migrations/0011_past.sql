-- What a version of the catalogue changed of a cell's dates and of who answers for a series (rule 2.10): the row as it was
-- until the version counted, so that known_at is answered with the dates known then. `existed` false: the version brought
-- the cell. Append-only. What versions changed before this migration is not known any more.
CREATE TABLE metrics.cell_past (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    until timestamptz NOT NULL,
    existed boolean NOT NULL,
    due_at timestamptz,
    lock_at timestamptz,
    applicable boolean NOT NULL,
    answers text,
    PRIMARY KEY (programme, indicator, district, period, until)
);

CREATE TABLE metrics.series_past (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    until timestamptz NOT NULL,
    answers text NOT NULL,
    department text NOT NULL,
    PRIMARY KEY (programme, indicator, district, until)
);

-- Who writes a cell: the first year's work points name other units than the years after (rule 2.4). NULL until the
-- catalogue is loaded again: then the series' writer holds, as before.
ALTER TABLE metrics.cell ADD COLUMN answers text;

CREATE OR REPLACE FUNCTION metrics.duties(at timestamptz)
RETURNS TABLE (programme text, indicator text, district text, period text, due_at timestamptz,
               department text, answers text, received boolean, on_time boolean)
LANGUAGE sql STABLE AS $$
    SELECT cell.programme, cell.indicator, cell.district, cell.period, cell.due_at, series.department,
           coalesce(cell.answers, series.answers),
           coalesce(cell.received_at <= at AND NOT cell.withdrawn, false),
           coalesce(cell.received_at < cell.due_at AND NOT cell.withdrawn, false)
    FROM metrics.cell JOIN metrics.series USING (programme, indicator, district)
    WHERE cell.applicable AND cell.due_at IS NOT NULL AND cell.due_at <= at
      AND NOT (cell.excused AND (cell.excused_until IS NULL OR at < cell.excused_until)
               AND (cell.received_at IS NULL OR cell.received_at > at OR cell.withdrawn))
$$;

-- The one state of a cell (rule 7.2), for cells as they are and as they were.
CREATE FUNCTION metrics.state(period_end date, due_at timestamptz, applicable boolean, received_at timestamptz,
    withdrawn boolean, excused boolean, excused_until timestamptz, earlier boolean, at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT applicable THEN 'not_applicable'
        WHEN received_at <= at AND NOT withdrawn THEN
            CASE WHEN due_at IS NULL OR received_at < due_at THEN 'received_on_time' ELSE 'received_late' END
        WHEN excused AND (excused_until IS NULL OR at < excused_until) THEN 'excused'
        WHEN due_at IS NULL OR at < (period_end + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' THEN 'not_due'
        WHEN at < due_at THEN 'due'
        WHEN earlier THEN 'overdue'
        ELSE 'never_reported'
    END
$$;

CREATE OR REPLACE FUNCTION metrics.state_of(cell metrics.cell, earlier boolean, at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT metrics.state(cell.period_end, cell.due_at, cell.applicable, cell.received_at, cell.withdrawn, cell.excused,
        cell.excused_until, earlier, at)
$$;
