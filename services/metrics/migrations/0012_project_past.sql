-- What became of statements about projects and what was said of red lines, as it was known (rule 2.10), like the histories
-- of reports and acts. Append-only; what was decided before this migration is told as it stood then.
CREATE TABLE metrics.project_outcome_history (
    statement bigint NOT NULL REFERENCES metrics.project_statement,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (statement, version)
);
INSERT INTO metrics.project_outcome_history SELECT statement, version, outcome, code, decided_at
FROM metrics.project_outcome;

CREATE TABLE metrics.project_red_line_past (
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    district text NOT NULL,
    red_line text NOT NULL,
    episode integer NOT NULL,
    version bigint NOT NULL,
    known_at timestamptz NOT NULL, -- the newest statement of its subject that was recorded then
    document json NOT NULL,
    PRIMARY KEY (programme, kind, name, district, red_line, episode, version)
);
INSERT INTO metrics.project_red_line_past
SELECT programme, kind, name, district, red_line, episode, version, raised_at, document FROM metrics.project_red_line;
