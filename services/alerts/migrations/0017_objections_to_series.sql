-- Objections (异议) of a unit to a light of record (`which` is its period) or a target (`which` is its year), and the
-- office's answers. Those to a ticket stand in ticket_event.
CREATE TABLE alerts.objection (
  objection uuid PRIMARY KEY,
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  about text NOT NULL CHECK (about IN ('light', 'target')),
  which text NOT NULL,
  unit text NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  answer text CHECK (answer IN ('upheld', 'dismissed')),
  answered_by text,
  answered_at timestamptz,
  answer_reason text,
  message_id uuid NOT NULL, -- of the feed: the answer's message refers to it
  CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE UNIQUE INDEX objection_open ON alerts.objection (programme, indicator, district, about, which)
WHERE answer IS NULL;
CREATE INDEX objection_at ON alerts.objection (programme, at, objection);
