-- alerts: what was judged and what was said. Lights, warnings, tickets and the feed are written in one transaction
-- (judging.py); everything read by others hangs on the keys programme, indicator, district, period.
CREATE SCHEMA IF NOT EXISTS alerts;

DO $$ BEGIN
  CREATE ROLE liangshai_read NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$;

-- The newest standing of each cell as metrics announced it.
CREATE TABLE alerts.standing (
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  period text NOT NULL,
  version bigint NOT NULL,
  document json NOT NULL,
  PRIMARY KEY (programme, indicator, district, period)
);

-- One row a series of the catalogue: the light it shows, and the next moment at which time alone changes something.
CREATE TABLE alerts.series (
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  partition integer NOT NULL,
  department text NOT NULL,
  light text NOT NULL DEFAULT 'grey' CHECK (light IN ('green', 'yellow', 'red', 'grey')),
  light_period text,
  stale boolean NOT NULL DEFAULT false,
  since timestamptz,
  next_at timestamptz,
  warned text CHECK (warned IN ('yellow', 'red')),
  mode text,
  lag numeric,
  lag_text_zh text,
  lag_text_en text,
  value text,
  expected text,
  target text,
  PRIMARY KEY (programme, indicator, district)
);
CREATE INDEX series_next ON alerts.series (partition, next_at);

-- One row a cell that has a standing or a fixed light of record (rule 6.1). `record` is 'grey' where nothing was
-- measured at the due date. `after` says what the standing's numbers give by the previous colour
-- (none or green, yellow, red: rule 6.2), so that a fold needs no arithmetic.
CREATE TABLE alerts.light (
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  period text NOT NULL,
  period_end date NOT NULL,
  due_at timestamptz,
  lock_at timestamptz,
  live text CHECK (live IN ('green', 'yellow', 'red', 'grey')),
  record text CHECK (record IN ('green', 'yellow', 'red', 'grey')),
  fixed_at timestamptz,
  caught_up boolean NOT NULL DEFAULT false,
  lag numeric,
  version bigint NOT NULL DEFAULT 0,
  after text[],
  owed_period text,
  stretch text,
  quota boolean NOT NULL DEFAULT false,
  binding boolean NOT NULL DEFAULT true,
  known_at timestamptz,
  PRIMARY KEY (programme, indicator, district, period)
);

-- Every change of a stored light, append-only. `worse` compares with the last colour said; then either `seq` names the
-- one message that said it or `reason` says why none was due.
CREATE TABLE alerts.light_change (
  change bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  period text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('live', 'record')),
  before text,
  after text,
  said text NOT NULL,
  worse boolean NOT NULL,
  at timestamptz NOT NULL,
  seq bigint,
  reason text,
  CHECK (NOT worse OR (seq IS NULL) <> (reason IS NULL))
);
CREATE INDEX light_change_series ON alerts.light_change (programme, indicator, district, change);
CREATE INDEX light_change_seq ON alerts.light_change (seq);

CREATE TABLE alerts.warning (
  warning uuid PRIMARY KEY,
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  period text NOT NULL,
  colour text NOT NULL CHECK (colour IN ('yellow', 'red')),
  state text NOT NULL CHECK (state IN ('open', 'confirmed', 'withdrawn')),
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  message_id uuid NOT NULL
);
CREATE INDEX warning_series ON alerts.warning (programme, indicator, district, state);

CREATE TABLE alerts.ticket (
  ticket uuid PRIMARY KEY,
  rule text NOT NULL CHECK (rule IN ('lag', 'reporting', 'forecast', 'project')),
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  department text NOT NULL,
  addressee text NOT NULL,
  episode integer NOT NULL,
  state text NOT NULL CHECK (state IN ('OPEN', 'ACKED', 'ANSWERED', 'RECOVERED', 'CLOSED', 'CANCELLED')),
  level integer NOT NULL CHECK (level BETWEEN 1 AND 3),
  severity text NOT NULL CHECK (severity IN ('yellow', 'red')),
  run integer NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  timer text CHECK (timer IN ('ack', 'answer', 'review')),
  timer_at timestamptz,
  promised_on date,
  cause text,
  plan text,
  first_period text NOT NULL,
  last_period text NOT NULL,
  last_message_id uuid,
  message_ids uuid[] NOT NULL DEFAULT '{}',
  close_code text,
  UNIQUE (rule, programme, indicator, district, episode)
);

-- Everything that moved a ticket, in order (rule 8).
CREATE TABLE alerts.ticket_event (
  ticket uuid NOT NULL REFERENCES alerts.ticket,
  position integer NOT NULL,
  at timestamptz NOT NULL,
  event text NOT NULL,
  actor text,
  from_state text NOT NULL,
  to_state text NOT NULL,
  level integer NOT NULL,
  detail json,
  PRIMARY KEY (ticket, position)
);

-- The feed (rule 9): append-only. feed_head's row is locked by whoever gives numbers, until it commits.
CREATE TABLE alerts.feed (
  seq bigint PRIMARY KEY,
  message_id uuid NOT NULL UNIQUE,
  sent timestamptz NOT NULL,
  rule text NOT NULL,
  kind text NOT NULL,
  notification_reason text NOT NULL,
  severity text NOT NULL,
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  period text NOT NULL,
  ticket uuid,
  warning uuid,
  document json NOT NULL
);
CREATE INDEX feed_series ON alerts.feed (programme, indicator, district, seq);
CREATE TABLE alerts.feed_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint NOT NULL
);
INSERT INTO alerts.feed_head (seq) VALUES (0);

-- Who is told, and what each has had: one log per receiver, written in the deciding transaction.
CREATE TABLE alerts.receiver (
  receiver text PRIMARY KEY,
  url text NOT NULL,
  disabled_at timestamptz,
  reason text
);
CREATE TABLE alerts.delivery (
  receiver text NOT NULL REFERENCES alerts.receiver,
  seq bigint NOT NULL REFERENCES alerts.feed,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed', 'dropped')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz, -- real time; null: now
  status integer,
  error text,
  PRIMARY KEY (receiver, seq)
);
CREATE INDEX delivery_pending ON alerts.delivery (receiver, seq) WHERE state = 'pending';
CREATE INDEX delivery_failed ON alerts.delivery (receiver, next_attempt_at) WHERE state = 'failed';

-- Every attempt to hand a message to a receiver, append-only: when (real time) and what came of it.
CREATE TABLE alerts.attempt (
  receiver text NOT NULL,
  seq bigint NOT NULL,
  attempt integer NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  status integer,
  error text,
  PRIMARY KEY (receiver, seq, attempt),
  FOREIGN KEY (receiver, seq) REFERENCES alerts.delivery
);

-- How far each partition of progress.standing has been judged.
CREATE TABLE alerts.watermark (
  partition integer PRIMARY KEY,
  through timestamptz NOT NULL,
  position bigint NOT NULL
);

-- Must be empty: worse lights without a message or a reason, and messages of a worse light without exactly one change.
CREATE VIEW alerts.unmatched AS
  SELECT 'change' AS what, change AS id FROM alerts.light_change WHERE worse AND seq IS NULL AND reason IS NULL
  UNION ALL
  SELECT 'message', f.seq
  FROM alerts.feed f LEFT JOIN alerts.light_change c ON c.seq = f.seq AND c.worse
  WHERE f.rule = 'lag' AND f.notification_reason IN ('early', 'first', 'worsened')
  GROUP BY f.seq HAVING count(c.change) <> 1;

-- Where the role could not be made, whoever makes it later grants it the same.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'liangshai_read') THEN
    GRANT USAGE ON SCHEMA alerts TO liangshai_read;
    GRANT SELECT ON ALL TABLES IN SCHEMA alerts TO liangshai_read;
    ALTER DEFAULT PRIVILEGES IN SCHEMA alerts GRANT SELECT ON TABLES TO liangshai_read;
  END IF;
END $$;
