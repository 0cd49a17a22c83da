-- A file is kept before its answer is asked for: until the answer is known to name it, it is not confirmed, and one that
-- no answer names is dropped an hour later. `kept_at` is real time.
ALTER TABLE desk.attachment ADD COLUMN confirmed boolean NOT NULL DEFAULT true;
ALTER TABLE desk.attachment ALTER COLUMN confirmed SET DEFAULT false;
ALTER TABLE desk.attachment ADD COLUMN kept_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX attachment_unconfirmed ON desk.attachment (kept_at) WHERE NOT confirmed;
