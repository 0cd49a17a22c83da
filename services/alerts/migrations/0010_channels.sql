-- Receivers of every kind (rule 9): how each is reached, and the groups of the catalogue's routing it is told of
-- (null: everything). A message keeps the groups it was for.
ALTER TABLE alerts.receiver ADD COLUMN channel text NOT NULL DEFAULT 'webhook', ADD COLUMN groups text[];
UPDATE alerts.receiver SET channel = 'kafka' WHERE receiver = 'progress.feed';
ALTER TABLE alerts.feed ADD COLUMN groups text[] NOT NULL DEFAULT '{}';

-- What a chat or a mailbox is told at once: several messages in numbered parts, written down before the first is sent,
-- so that whoever goes on after a crash sends the same ones.
CREATE TABLE alerts.notification (
  receiver text NOT NULL REFERENCES alerts.receiver,
  number integer NOT NULL, -- of this receiver, from 1
  grouping text NOT NULL, -- what is told together
  reason text NOT NULL CHECK (reason IN ('first', 'more', 'digest', 'repeat')),
  at timestamptz NOT NULL, -- platform time from which it could be sent
  titles text[] NOT NULL,
  parts text[] NOT NULL, -- their texts; none: what was to be said was taken back before
  parts_done integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed', 'dropped')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz, -- real time; null: now
  status integer,
  error text,
  PRIMARY KEY (receiver, number)
);
CREATE INDEX notification_pending ON alerts.notification (receiver, number) WHERE state = 'pending';
CREATE INDEX notification_grouping ON alerts.notification (receiver, grouping, number);
ALTER TABLE alerts.delivery ADD COLUMN notification integer; -- the receiver's number of it
CREATE INDEX delivery_notification ON alerts.delivery (receiver, notification) WHERE notification IS NOT NULL;
