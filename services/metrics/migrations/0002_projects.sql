-- Major projects (rule 12): every statement with its two clocks (append-only), what became of it, and the present state
-- and history of each project. The plain columns are for boards; the services read the documents.

-- One row a subject, a project or an indicator's task with a red line, locked in key order by every batch that touches
-- it. `moved` counts those batches and is written beside all that one of them moved.
CREATE TABLE metrics.project_subject (
    programme text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('project', 'indicator')),
    name text NOT NULL,
    moved bigint NOT NULL,
    PRIMARY KEY (programme, kind, name)
) WITH (fillfactor = 50);

CREATE TABLE metrics.project_statement (
    statement bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    receipt text NOT NULL,
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    period text,
    revision integer NOT NULL,
    subject text NOT NULL,
    department text,
    stamped_at timestamptz NOT NULL,   -- platform time, by ingest
    received_at timestamptz NOT NULL,  -- the later of stamped_at and the partition's announced watermark
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- real time
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    moved bigint NOT NULL,
    document json NOT NULL,            -- the stamped event
    UNIQUE (source, id)
);
CREATE INDEX project_statement_of ON metrics.project_statement (programme, kind, name);

-- The newest version of each statement's outcome (rule 2.6).
CREATE TABLE metrics.project_outcome (
    statement bigint PRIMARY KEY REFERENCES metrics.project_statement,
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamptz NOT NULL,
    moved bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX project_outcome_moved ON metrics.project_outcome (programme, kind, name, moved);

-- Each accepted item of each receipt; `outcome` is set where the item is not the recorded statement itself.
CREATE TABLE metrics.project_receipt_item (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    statement bigint NOT NULL REFERENCES metrics.project_statement,
    outcome text,
    document json,
    decided_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (receipt, source, id, payload_hash)
);

-- The present state of each project that the list knows.
CREATE TABLE metrics.project (
    programme text NOT NULL,
    project text NOT NULL,
    version bigint NOT NULL,
    known_at timestamptz NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    district text NOT NULL,
    department text NOT NULL,
    contact text NOT NULL,
    contact_role text NOT NULL,
    invented boolean NOT NULL,
    listed boolean NOT NULL,           -- on a list now
    ended text,                        -- complete, leave: how its last stay ended
    period text,                       -- the newest month reported
    status text,
    lag_days integer,
    late_node text,
    due numeric,                       -- points of the nodes due and done by the month's end
    done numeric,
    unstarted_months integer,
    invest_total numeric,              -- 亿元, planned
    invested_total numeric,
    invested_year numeric,
    planned_year numeric,
    digest bytea NOT NULL,
    moved bigint NOT NULL,
    standing json NOT NULL,
    PRIMARY KEY (programme, project)
) WITH (fillfactor = 70);

-- Every version of every project's standing, append-only.
CREATE TABLE metrics.project_standing (
    programme text NOT NULL,
    project text NOT NULL,
    version bigint NOT NULL,
    known_at timestamptz NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (programme, project, version)
);

-- Every problem of every project as it stands, for boards: causes of delay by factor (要素保障).
CREATE TABLE metrics.project_problem (
    programme text NOT NULL,
    project text NOT NULL,
    problem text NOT NULL,
    district text NOT NULL,
    said text NOT NULL,
    factor text NOT NULL,
    owner text NOT NULL,
    due date NOT NULL,
    raised_in text NOT NULL,
    solved_in text,
    PRIMARY KEY (programme, project, problem)
);

-- Every episode of every red line (四条底线) on a project or an indicator's task.
CREATE TABLE metrics.project_red_line (
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    district text NOT NULL,
    red_line text NOT NULL,
    episode integer NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'closed')),
    raised_at timestamptz NOT NULL,
    closed_at timestamptz,
    digest bytea NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (programme, kind, name, district, red_line, episode)
);

CREATE TABLE metrics.project_watermark (
    partition integer PRIMARY KEY,
    through timestamptz NOT NULL,
    position bigint NOT NULL
) WITH (fillfactor = 50);
