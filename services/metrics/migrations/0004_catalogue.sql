-- The versions of the catalogue that the office applied, and since when each partition of progress.reported knows them
-- (rules 2.9 and 2.10). The version that a service starts with is not among them.

CREATE TABLE metrics.catalogue (
    programme text NOT NULL,
    version text NOT NULL,
    applied_at timestamptz NOT NULL,   -- platform time
    sha256 text NOT NULL,              -- of the document
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    actor text NOT NULL,
    document bytea NOT NULL,           -- the programme as canonical JSON, deflated
    PRIMARY KEY (programme, version)
);

CREATE TABLE metrics.catalogue_mark (
    programme text NOT NULL,
    version text NOT NULL,
    partition integer NOT NULL,
    since timestamptz NOT NULL,        -- the later of applied_at and what the partition was told already
    PRIMARY KEY (programme, version, partition),
    FOREIGN KEY (programme, version) REFERENCES metrics.catalogue
);
