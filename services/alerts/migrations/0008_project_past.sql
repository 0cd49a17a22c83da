-- What each project showed since when (rule 12): asked when an indicator's light of record is fixed, so that the answer is
-- that of the moment before it, whichever of the two consumptions came first. Append-only but for one moment's last word.
CREATE TABLE alerts.project_past (
  programme text NOT NULL,
  project text NOT NULL,
  since timestamptz NOT NULL,
  district text NOT NULL,
  listed boolean NOT NULL,
  feeds text[] NOT NULL,
  light text NOT NULL CHECK (light IN ('green', 'yellow', 'red', 'grey')),
  PRIMARY KEY (programme, project, since)
);

INSERT INTO alerts.project_past (programme, project, since, district, listed, feeds, light)
SELECT programme, project, since, district, listed, feeds, light FROM alerts.project WHERE since IS NOT NULL;
