-- What projects add up to for a cell of an indicator that they feed (rule 12): the newest sum, its revision, and whether
-- the report that tells it is on its topic.
CREATE TABLE metrics.fed (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    revision integer NOT NULL,
    value text,
    unit text NOT NULL,
    confidence text,
    reason text NOT NULL,
    received_at timestamptz NOT NULL,
    placed_at bigint, -- its offset, once the broker has it
    PRIMARY KEY (programme, indicator, district, period)
);
CREATE INDEX fed_unplaced ON metrics.fed (programme, indicator, district, period) WHERE placed_at IS NULL;

-- Whoever sums holds this row: two projects that feed one cell are summed one after the other.
CREATE TABLE metrics.fed_head (one boolean PRIMARY KEY DEFAULT true CHECK (one));
INSERT INTO metrics.fed_head DEFAULT VALUES;

-- Which projects were ever linked to which indicators: a link that is taken back leaves a sum to be taken back too.
CREATE TABLE metrics.fed_link (
    programme text NOT NULL,
    indicator text NOT NULL,
    project text NOT NULL,
    PRIMARY KEY (programme, indicator, project)
);
CREATE INDEX fed_link_of ON metrics.fed_link (programme, project);
