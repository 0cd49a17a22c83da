-- Major projects (rule 12): what was judged of each project and each red line. Their tickets and messages stand in
-- alerts.ticket and alerts.feed under rule 'project', where `indicator` holds the project's id.

-- One row a project: its newest standing, the light it shows, and the next moment at which time alone changes something.
-- `light` is the schedule's; an open red line is drawn red above it (view alerts.project_shown).
CREATE TABLE alerts.project (
  programme text NOT NULL,
  project text NOT NULL,
  partition integer NOT NULL,
  version bigint NOT NULL DEFAULT 0,
  name_zh text NOT NULL DEFAULT '',
  name_en text NOT NULL DEFAULT '',
  district text NOT NULL DEFAULT '',
  department text NOT NULL DEFAULT '',
  addressee text NOT NULL DEFAULT '',
  contact text NOT NULL DEFAULT '',
  contact_role text NOT NULL DEFAULT '',
  invented boolean NOT NULL DEFAULT false,
  listed boolean NOT NULL DEFAULT false,
  feeds text[] NOT NULL DEFAULT '{}',
  light text NOT NULL DEFAULT 'grey' CHECK (light IN ('green', 'yellow', 'red', 'grey')),
  marked boolean NOT NULL DEFAULT false,
  light_period text,
  stale boolean NOT NULL DEFAULT false,
  since timestamptz,
  lag_days integer,
  lag_text_zh text NOT NULL DEFAULT '',
  lag_text_en text NOT NULL DEFAULT '',
  next_at timestamptz,
  document json,
  PRIMARY KEY (programme, project)
);
CREATE INDEX project_next ON alerts.project (partition, next_at);

-- One row a month of a project that was reported or whose due date has passed.
CREATE TABLE alerts.project_light (
  programme text NOT NULL,
  project text NOT NULL,
  period text NOT NULL,
  period_end date NOT NULL,
  due_at timestamptz NOT NULL,
  lock_at timestamptz NOT NULL,
  live text CHECK (live IN ('green', 'yellow', 'red')),
  record text CHECK (record IN ('green', 'yellow', 'red', 'grey')),
  lag_days integer,
  unstarted_months integer NOT NULL DEFAULT 0,
  version bigint NOT NULL,
  PRIMARY KEY (programme, project, period)
);

-- Every change of a stored light, append-only; one of record that got worse names the message that said it, or why none
-- was due.
CREATE TABLE alerts.project_light_change (
  change bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  programme text NOT NULL,
  project text NOT NULL,
  period text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('live', 'record')),
  before text,
  after text,
  worse boolean NOT NULL,
  at timestamptz NOT NULL,
  seq bigint,
  reason text,
  CHECK (NOT worse OR (seq IS NULL) <> (reason IS NULL))
);
CREATE INDEX project_light_change_of ON alerts.project_light_change (programme, project, change);

-- Every episode of every red line, with the message that said it.
CREATE TABLE alerts.project_red_line (
  programme text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('project', 'indicator')),
  name text NOT NULL,
  district text NOT NULL,
  red_line text NOT NULL,
  episode integer NOT NULL,
  version bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'closed')),
  said text NOT NULL,
  raised_at timestamptz NOT NULL,
  closed_at timestamptz,
  message_id uuid NOT NULL,
  document json NOT NULL,
  PRIMARY KEY (programme, kind, name, district, red_line, episode)
);

-- How far each partition of progress.project.standing has been judged.
CREATE TABLE alerts.project_watermark (
  partition integer PRIMARY KEY,
  through timestamptz NOT NULL,
  position bigint NOT NULL
);

-- What is shown: a red line is never hidden by a green schedule.
CREATE VIEW alerts.project_shown AS
SELECT p.programme, p.project, p.name_zh, p.name_en, p.district, p.department, p.addressee, p.contact, p.contact_role,
  p.invented, p.listed, p.feeds, p.light, p.marked, p.light_period, p.stale, p.since, p.lag_days, p.lag_text_zh,
  p.lag_text_en, coalesce(r.open, 0)::integer AS red_lines,
  CASE WHEN r.open > 0 THEN 'red' ELSE p.light END AS shown
FROM alerts.project p LEFT JOIN (
  SELECT programme, name, count(*) AS open FROM alerts.project_red_line
  WHERE kind = 'project' AND state = 'open' GROUP BY programme, name) r
ON r.programme = p.programme AND r.name = p.project;
