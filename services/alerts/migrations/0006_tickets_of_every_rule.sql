-- Reporting and forecast tickets, inhibition and override (rules 6.6, 6.7 and 8).
-- Of a cell: excused by the office; its numbers will miss the target; what it was overridden to; why it opened no ticket.
ALTER TABLE alerts.light
  ADD COLUMN excused boolean NOT NULL DEFAULT false,
  ADD COLUMN misses boolean NOT NULL DEFAULT false,
  ADD COLUMN override text CHECK (override IN ('yellow', 'red')),
  ADD COLUMN inhibited text;

-- Of a series: yellow by forecast; the override in force, drawn beside the computed light.
ALTER TABLE alerts.series
  ADD COLUMN forecast boolean NOT NULL DEFAULT false,
  ADD COLUMN override text CHECK (override IN ('yellow', 'red')),
  ADD COLUMN override_until timestamptz;

ALTER TABLE alerts.light_change
  DROP CONSTRAINT light_change_kind_check,
  ADD CONSTRAINT light_change_kind_check CHECK (kind IN ('live', 'record', 'override'));

-- Every override there was (rule 6.6); ended_by is empty where it expired.
CREATE TABLE alerts.override (
  override uuid PRIMARY KEY,
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  colour text NOT NULL CHECK (colour IN ('yellow', 'red')),
  author text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  period text NOT NULL,
  ended_at timestamptz,
  ended_by text,
  end_reason text
);
CREATE INDEX override_series ON alerts.override (programme, indicator, district, at);
