-- A red line on an indicator's task (rule 12): the series shows red above its computed light until the office closes it.
ALTER TABLE alerts.series
  ADD COLUMN computed text NOT NULL DEFAULT 'grey' CHECK (computed IN ('green', 'yellow', 'red', 'grey')),
  ADD COLUMN red_lines integer NOT NULL DEFAULT 0;
UPDATE alerts.series SET computed = light;

ALTER TABLE alerts.light_change
  DROP CONSTRAINT light_change_kind_check,
  ADD CONSTRAINT light_change_kind_check CHECK (kind IN ('live', 'record', 'override', 'red_line'));
