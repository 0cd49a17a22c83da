-- Whether a report with a value is in force in a cell, be what is judged computable or not (rule 7.2): who has reported is
-- not reminded, and no ticket says that nothing came. Until here a light stood for it.
ALTER TABLE alerts.light ADD COLUMN received boolean NOT NULL DEFAULT false;
UPDATE alerts.light SET received = true WHERE live IS NOT NULL;
ALTER TABLE alerts.light_past ADD COLUMN received boolean NOT NULL DEFAULT false;
UPDATE alerts.light_past SET received = true WHERE value IS NOT NULL;
