-- Standings of projects that a later version replaced, for a rule on trial: what was judged by them is judged again
-- (rules 2.10 and 12). Versions before this migration are not known any more.
CREATE TABLE alerts.project_standing_past (
    programme text NOT NULL,
    project text NOT NULL,
    version bigint NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (programme, project, version)
);
