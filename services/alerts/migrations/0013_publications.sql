-- When a publication locked a cell before the calendar (rule 2.9).
ALTER TABLE alerts.light ADD COLUMN published_at timestamptz;
