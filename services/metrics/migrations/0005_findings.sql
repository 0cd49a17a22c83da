-- What each version of the catalogue leaves in doubt (rules 2-4, 7.1): read by the API and the boards.
CREATE TABLE metrics.finding (
    programme text NOT NULL,
    catalogue_version text NOT NULL,
    position integer NOT NULL,   -- the gravest first
    code text NOT NULL,
    place text NOT NULL,         -- part/id/date
    severity text NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
    zh text NOT NULL,
    en text NOT NULL,
    PRIMARY KEY (programme, catalogue_version, position)
);
