-- Standings that a later version replaced, for a rule on trial: what was judged by them is judged again (rule 2.10).
CREATE TABLE alerts.standing_past (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    version bigint NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (programme, indicator, district, period, version)
);
