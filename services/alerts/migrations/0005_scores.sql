-- An edition of scores looks at all cells of a few periods (rule 10.2), and at a year's lights of record (rule 10.4).
CREATE INDEX standing_period ON alerts.standing (programme, period);
CREATE INDEX light_period_end ON alerts.light (programme, period_end);
