-- Tables that clerks drop on the desk: kept for thirty days, so that what was checked is what is sent, and so that the
-- file can be had back with its verdicts. The answers are intake's, as they came.
CREATE TABLE desk.upload (
  upload text PRIMARY KEY,
  subject text NOT NULL REFERENCES desk.person,
  unit text NOT NULL,
  name text NOT NULL,
  media text NOT NULL,
  content bytea NOT NULL,
  checked json NOT NULL, -- the answer to the dry run
  answer json, -- the answer to the sending
  brought_at timestamptz NOT NULL, -- platform time, as is sent_at
  sent_at timestamptz,
  kept_since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX upload_of_person ON desk.upload (subject, kept_since);
