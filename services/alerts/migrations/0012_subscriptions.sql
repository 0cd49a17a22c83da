-- Addresses at which one reader program reads the feed (Atom): it can send no header, so the address holds a key, of
-- which the hash is kept. It reads what the token that made it may read at the time; null: a person, who reads all.
CREATE TABLE alerts.subscription (
  subscription uuid PRIMARY KEY,
  key_sha256 text NOT NULL UNIQUE,
  subject text NOT NULL,
  token_sha256 text,
  unit text,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX subscription_subject ON alerts.subscription (subject);
