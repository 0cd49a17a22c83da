-- Files that a unit puts beside its answer to a ticket. The answer names each by its name and sha256, so that the
-- ticket's history proves which file was meant.
CREATE TABLE desk.attachment (
  attachment bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket uuid NOT NULL,
  subject text NOT NULL REFERENCES desk.person,
  name text NOT NULL,
  kind text NOT NULL,
  sha256 text NOT NULL,
  content bytea NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX attachment_of_ticket ON desk.attachment (ticket, attachment);
