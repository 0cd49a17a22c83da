-- The versions of the catalogue that metrics announced, and since when each partition of progress.standing knows them
-- (rules 2.9 and 2.10). The version that a service starts with is not among them.
CREATE TABLE alerts.catalogue (
  programme text NOT NULL,
  version text NOT NULL,
  applied_at timestamptz NOT NULL,
  sha256 text NOT NULL,
  reason_zh text NOT NULL,
  reason_en text NOT NULL,
  actor text NOT NULL,
  document bytea NOT NULL,
  PRIMARY KEY (programme, version)
);
CREATE TABLE alerts.catalogue_mark (
  programme text NOT NULL,
  version text NOT NULL,
  partition integer NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (programme, version, partition),
  FOREIGN KEY (programme, version) REFERENCES alerts.catalogue
);
