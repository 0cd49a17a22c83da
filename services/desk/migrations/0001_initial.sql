-- desk: who may sign in, who has, and what was done from its pages. Nothing of the domain is kept here: that is asked
-- of the three services. Of every secret (session, link, flow) only a digest is kept. Times of sessions are real ones.
CREATE SCHEMA IF NOT EXISTS desk;

CREATE TABLE desk.person (
  subject text PRIMARY KEY, -- stamped on every act; never given to another person
  name text NOT NULL,
  role text NOT NULL,
  unit text,
  login text UNIQUE, -- what the identity provider calls the person
  active boolean NOT NULL DEFAULT true,
  changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE desk.session (
  digest text PRIMARY KEY,
  subject text NOT NULL REFERENCES desk.person,
  way text NOT NULL CHECK (way IN ('link', 'oidc', 'demo')),
  csrf text NOT NULL,
  began_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_of_person ON desk.session (subject);

-- One-time links that the operator issues.
CREATE TABLE desk.link (
  digest text PRIMARY KEY,
  subject text NOT NULL REFERENCES desk.person,
  issued_by text NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

-- Sign-ins that were sent to the identity provider and have not come back.
CREATE TABLE desk.flow (
  digest text PRIMARY KEY, -- of the state
  browser text NOT NULL, -- digest of the cookie: whoever began it must end it
  nonce text NOT NULL,
  verifier text NOT NULL,
  next text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now()
);

-- The audit trail: written before an act is asked of a service, and completed by its answer. `at` is platform time.
CREATE TABLE desk.audit (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  happened_at timestamptz NOT NULL DEFAULT now(),
  subject text,
  act text NOT NULL,
  target text NOT NULL DEFAULT '',
  outcome text NOT NULL DEFAULT 'asked', -- asked: no answer is known; else done, or the code of the refusal
  detail jsonb NOT NULL DEFAULT '{}',
  address text NOT NULL DEFAULT ''
);
CREATE INDEX audit_of_person ON desk.audit (subject, position);

-- What a person keeps of the pages: named filters of a list, and how far the feed was read.
CREATE TABLE desk.saved_view (
  subject text NOT NULL REFERENCES desk.person,
  page text NOT NULL,
  name text NOT NULL,
  query text NOT NULL,
  PRIMARY KEY (subject, page, name)
);

CREATE TABLE desk.read_mark (
  subject text PRIMARY KEY REFERENCES desk.person,
  seq bigint NOT NULL
);
