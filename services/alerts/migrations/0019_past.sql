-- What an earlier answer said and the newest rows do not (rule 2.10), for known_at. Append-only, like what they stand beside;
-- what happened before this migration is told as the newest rows have it.

-- How each event left its ticket.
ALTER TABLE alerts.ticket_event ADD COLUMN after json;

-- What each version said of the lag, of the districts behind the city's figure, and when its cell was due.
ALTER TABLE alerts.light_past ADD COLUMN said_zh text, ADD COLUMN said_en text, ADD COLUMN derived json,
  ADD COLUMN due_at timestamptz;
UPDATE alerts.light_past p SET due_at = l.due_at FROM alerts.light l
WHERE (l.programme, l.indicator, l.district, l.period) = (p.programme, p.indicator, p.district, p.period);

-- When the light that a series shows changed, by a fact, a due date or a red line.
CREATE TABLE alerts.shown_change (
  change bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, -- the order in which it was decided
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX shown_change_of_series ON alerts.shown_change (programme, indicator, district, change DESC);
INSERT INTO alerts.shown_change (programme, indicator, district, at) SELECT programme, indicator, district, since FROM alerts.series WHERE since IS NOT NULL;

-- What was shown of a project and of its months, each time something of it changed.
CREATE TABLE alerts.project_told (
  change bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  programme text NOT NULL,
  project text NOT NULL,
  at timestamptz NOT NULL,
  document json NOT NULL
);
CREATE INDEX project_told_of ON alerts.project_told (programme, project, change DESC);
CREATE TABLE alerts.project_month_told (
  change bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  programme text NOT NULL,
  project text NOT NULL,
  period text NOT NULL,
  at timestamptz NOT NULL,
  document json NOT NULL
);
CREATE INDEX project_month_told_of ON alerts.project_month_told (programme, project, period, change DESC);
