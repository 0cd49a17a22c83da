CREATE SCHEMA metrics;
CREATE FUNCTION metrics.duties(at timestamp with time zone) RETURNS TABLE(programme text, indicator text, district text, period text, due_at timestamp with time zone, department text, answers text, received boolean, on_time boolean)
    LANGUAGE sql STABLE
    AS $$
    SELECT cell.programme, cell.indicator, cell.district, cell.period, cell.due_at, series.department,
           coalesce(cell.answers, series.answers),
           coalesce(cell.received_at <= at AND NOT cell.withdrawn, false),
           coalesce(cell.received_at < cell.due_at AND NOT cell.withdrawn, false)
    FROM metrics.cell JOIN metrics.series USING (programme, indicator, district)
    WHERE cell.applicable AND cell.due_at IS NOT NULL AND cell.due_at <= at
      AND NOT (cell.excused AND (cell.excused_until IS NULL OR at < cell.excused_until)
               AND (cell.received_at IS NULL OR cell.received_at > at OR cell.withdrawn))
$$;
CREATE TABLE metrics.cell (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    period_end date NOT NULL,
    due_at timestamp with time zone,
    lock_at timestamp with time zone,
    applicable boolean NOT NULL,
    excused boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    value numeric,
    expected numeric,
    target numeric,
    lag numeric,
    ratio numeric,
    short numeric,
    attainment numeric,
    mode text,
    reason text,
    received_at timestamp with time zone,
    withdrawn boolean DEFAULT false NOT NULL,
    conflict boolean DEFAULT false NOT NULL,
    flags text[] DEFAULT '{}'::text[] NOT NULL,
    known_at timestamp with time zone,
    digest bytea,
    standing json,
    excused_until timestamp with time zone,
    published_at timestamp with time zone,
    answers text
)
WITH (fillfactor='70');
CREATE FUNCTION metrics.locked_at(cell metrics.cell) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT least(cell.lock_at, cell.published_at) $$;
CREATE FUNCTION metrics.platform_time() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$ SELECT coalesce((SELECT max(through) FROM metrics.watermark), now()) $$;
CREATE FUNCTION metrics.state(period_end date, due_at timestamp with time zone, applicable boolean, received_at timestamp with time zone, withdrawn boolean, excused boolean, excused_until timestamp with time zone, earlier boolean, at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE
        WHEN NOT applicable THEN 'not_applicable'
        WHEN received_at <= at AND NOT withdrawn THEN
            CASE WHEN due_at IS NULL OR received_at < due_at THEN 'received_on_time' ELSE 'received_late' END
        WHEN excused AND (excused_until IS NULL OR at < excused_until) THEN 'excused'
        WHEN due_at IS NULL OR at < (period_end + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' THEN 'not_due'
        WHEN at < due_at THEN 'due'
        WHEN earlier THEN 'overdue'
        ELSE 'never_reported'
    END
$$;
CREATE FUNCTION metrics.state_of(cell metrics.cell, earlier boolean, at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT metrics.state(cell.period_end, cell.due_at, cell.applicable, cell.received_at, cell.withdrawn, cell.excused,
        cell.excused_until, earlier, at)
$$;
CREATE TABLE metrics.act (
    act bigint NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    receipt text NOT NULL,
    kind text NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    report_source text,
    report_id text,
    reason text,
    until date,
    subject text NOT NULL,
    department text,
    "time" timestamp with time zone,
    stamped_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    moved bigint NOT NULL,
    refused text,
    document json NOT NULL
);
ALTER TABLE metrics.act ALTER COLUMN act ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME metrics.act_act_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE metrics.act_item (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    act bigint NOT NULL,
    outcome text,
    document json,
    decided_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE metrics.act_outcome (
    act bigint NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamp with time zone NOT NULL,
    moved bigint NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE metrics.act_outcome_history (
    act bigint NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamp with time zone NOT NULL
);
CREATE TABLE metrics.catalogue (
    programme text NOT NULL,
    version text NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    sha256 text NOT NULL,
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    actor text NOT NULL,
    document bytea NOT NULL
);
CREATE TABLE metrics.catalogue_mark (
    programme text NOT NULL,
    version text NOT NULL,
    partition integer NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE metrics.cell_past (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    until timestamp with time zone NOT NULL,
    existed boolean NOT NULL,
    due_at timestamp with time zone,
    lock_at timestamp with time zone,
    applicable boolean NOT NULL,
    answers text
);
CREATE TABLE metrics.department (
    programme text NOT NULL,
    department text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    "position" integer NOT NULL
);
CREATE VIEW metrics.department_completeness AS
 SELECT programme,
    department,
    count(*) AS due,
    count(*) FILTER (WHERE received) AS received,
    count(*) FILTER (WHERE on_time) AS on_time,
    round(((count(*) FILTER (WHERE received))::numeric / (count(*))::numeric), 4) AS completeness,
    round(((count(*) FILTER (WHERE on_time))::numeric / (count(*))::numeric), 4) AS timeliness
   FROM metrics.duties(( SELECT metrics.platform_time() AS platform_time)) duties(programme, indicator, district, period, due_at, department, answers, received, on_time)
  GROUP BY programme, department;
CREATE TABLE metrics.district (
    programme text NOT NULL,
    district text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    kind text NOT NULL,
    "position" integer NOT NULL
);
CREATE VIEW metrics.district_completeness AS
 SELECT programme,
    district,
    count(*) AS due,
    count(*) FILTER (WHERE received) AS received,
    count(*) FILTER (WHERE on_time) AS on_time,
    round(((count(*) FILTER (WHERE received))::numeric / (count(*))::numeric), 4) AS completeness,
    round(((count(*) FILTER (WHERE on_time))::numeric / (count(*))::numeric), 4) AS timeliness
   FROM metrics.duties(( SELECT metrics.platform_time() AS platform_time)) duties(programme, indicator, district, period, due_at, department, answers, received, on_time)
  GROUP BY programme, district;
CREATE TABLE metrics.fed (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    revision integer NOT NULL,
    value text,
    unit text NOT NULL,
    confidence text,
    reason text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    placed_at bigint
);
CREATE TABLE metrics.fed_head (
    one boolean DEFAULT true NOT NULL,
    CONSTRAINT fed_head_one_check CHECK (one)
);
CREATE TABLE metrics.fed_link (
    programme text NOT NULL,
    indicator text NOT NULL,
    project text NOT NULL
);
CREATE TABLE metrics.finding (
    programme text NOT NULL,
    catalogue_version text NOT NULL,
    "position" integer NOT NULL,
    code text NOT NULL,
    place text NOT NULL,
    severity text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    CONSTRAINT finding_severity_check CHECK ((severity = ANY (ARRAY['error'::text, 'warning'::text, 'note'::text])))
);
CREATE TABLE metrics.indicator (
    programme text NOT NULL,
    indicator text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    area text NOT NULL,
    area_zh text NOT NULL,
    area_en text NOT NULL,
    unit text NOT NULL,
    unit_zh text NOT NULL,
    direction smallint NOT NULL,
    goal text NOT NULL,
    schedule text NOT NULL,
    frequency text NOT NULL,
    writer text NOT NULL,
    lead text NOT NULL,
    aggregate text NOT NULL,
    rankable boolean NOT NULL,
    "position" integer NOT NULL
);
CREATE TABLE metrics.ledger (
    programme text NOT NULL,
    indicator text NOT NULL,
    moved bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE metrics.series (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    partition integer NOT NULL,
    answers text NOT NULL,
    department text NOT NULL
);
CREATE VIEW metrics.newest AS
 SELECT cell.programme,
    cell.indicator,
    cell.district,
    cell.period,
    cell.period_end,
    cell.due_at,
    cell.lock_at,
    cell.applicable,
    cell.excused,
    cell.version,
    cell.value,
    cell.expected,
    cell.target,
    cell.lag,
    cell.ratio,
    cell.short,
    cell.attainment,
    cell.mode,
    cell.reason,
    cell.received_at,
    cell.withdrawn,
    cell.conflict,
    cell.flags,
    cell.known_at,
    cell.digest,
    cell.standing,
    series.department,
    series.answers
   FROM (metrics.series
     CROSS JOIN LATERAL ( SELECT cell_1.programme,
            cell_1.indicator,
            cell_1.district,
            cell_1.period,
            cell_1.period_end,
            cell_1.due_at,
            cell_1.lock_at,
            cell_1.applicable,
            cell_1.excused,
            cell_1.version,
            cell_1.value,
            cell_1.expected,
            cell_1.target,
            cell_1.lag,
            cell_1.ratio,
            cell_1.short,
            cell_1.attainment,
            cell_1.mode,
            cell_1.reason,
            cell_1.received_at,
            cell_1.withdrawn,
            cell_1.conflict,
            cell_1.flags,
            cell_1.known_at,
            cell_1.digest,
            cell_1.standing
           FROM metrics.cell cell_1
          WHERE ((cell_1.programme = series.programme) AND (cell_1.indicator = series.indicator) AND (cell_1.district = series.district) AND (cell_1.value IS NOT NULL))
          ORDER BY cell_1.period_end DESC
         LIMIT 1) cell);
CREATE TABLE metrics.outcome (
    report bigint NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    flags text[] DEFAULT '{}'::text[] NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    moved bigint NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE metrics.outcome_history (
    report bigint NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    flags text[] NOT NULL,
    decided_at timestamp with time zone NOT NULL
);
CREATE TABLE metrics.programme (
    programme text NOT NULL,
    catalogue_version text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    live_since timestamp with time zone NOT NULL
);
CREATE TABLE metrics.project (
    programme text NOT NULL,
    project text NOT NULL,
    version bigint NOT NULL,
    known_at timestamp with time zone NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    district text NOT NULL,
    department text NOT NULL,
    contact text NOT NULL,
    contact_role text NOT NULL,
    invented boolean NOT NULL,
    listed boolean NOT NULL,
    ended text,
    period text,
    status text,
    lag_days integer,
    late_node text,
    due numeric,
    done numeric,
    unstarted_months integer,
    invest_total numeric,
    invested_total numeric,
    invested_year numeric,
    planned_year numeric,
    digest bytea NOT NULL,
    moved bigint NOT NULL,
    standing json NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE metrics.project_outcome (
    statement bigint NOT NULL,
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamp with time zone NOT NULL,
    moved bigint NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE metrics.project_outcome_history (
    statement bigint NOT NULL,
    version bigint NOT NULL,
    outcome text NOT NULL,
    code text,
    decided_at timestamp with time zone NOT NULL
);
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
    solved_in text
);
CREATE TABLE metrics.project_receipt_item (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    statement bigint NOT NULL,
    outcome text,
    document json,
    decided_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE metrics.project_red_line (
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    district text NOT NULL,
    red_line text NOT NULL,
    episode integer NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    digest bytea NOT NULL,
    document json NOT NULL,
    CONSTRAINT project_red_line_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);
CREATE TABLE metrics.project_red_line_past (
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    district text NOT NULL,
    red_line text NOT NULL,
    episode integer NOT NULL,
    version bigint NOT NULL,
    known_at timestamp with time zone NOT NULL,
    document json NOT NULL
);
CREATE TABLE metrics.project_standing (
    programme text NOT NULL,
    project text NOT NULL,
    version bigint NOT NULL,
    known_at timestamp with time zone NOT NULL,
    document json NOT NULL
);
CREATE TABLE metrics.project_statement (
    statement bigint NOT NULL,
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
    stamped_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    moved bigint NOT NULL,
    document json NOT NULL
);
ALTER TABLE metrics.project_statement ALTER COLUMN statement ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME metrics.project_statement_statement_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE metrics.project_subject (
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    moved bigint NOT NULL,
    CONSTRAINT project_subject_kind_check CHECK ((kind = ANY (ARRAY['project'::text, 'indicator'::text])))
)
WITH (fillfactor='50');
CREATE TABLE metrics.project_watermark (
    partition integer NOT NULL,
    through timestamp with time zone NOT NULL,
    "position" bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE metrics.put_aside (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    reason text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE metrics.receipt_item (
    receipt text NOT NULL,
    expected integer NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    report bigint NOT NULL,
    outcome text,
    document json,
    decided_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE metrics.recomputation (
    programme text NOT NULL,
    rules text NOT NULL,
    partition integer NOT NULL,
    since timestamp with time zone NOT NULL,
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    actor text NOT NULL
);
CREATE TABLE metrics.report (
    report bigint NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    payload_hash bytea NOT NULL,
    receipt text NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    revision integer NOT NULL,
    value text,
    unit text NOT NULL,
    value_in_unit numeric,
    reason text,
    confidence text,
    status text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    department text,
    "time" timestamp with time zone,
    recordedtime timestamp with time zone,
    stamped_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    moved bigint NOT NULL,
    refused text,
    document json NOT NULL
);
ALTER TABLE metrics.report ALTER COLUMN report ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME metrics.report_report_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE metrics.series_past (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    until timestamp with time zone NOT NULL,
    answers text NOT NULL,
    department text NOT NULL
);
CREATE TABLE metrics.standing (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    version bigint NOT NULL,
    known_at timestamp with time zone NOT NULL,
    moved bigint NOT NULL,
    document json NOT NULL
);
CREATE TABLE metrics.watermark (
    partition integer NOT NULL,
    through timestamp with time zone NOT NULL,
    "position" bigint NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY metrics.act_item
    ADD CONSTRAINT act_item_pkey PRIMARY KEY (receipt, source, id, payload_hash);
ALTER TABLE ONLY metrics.act_outcome_history
    ADD CONSTRAINT act_outcome_history_pkey PRIMARY KEY (act, version);
ALTER TABLE ONLY metrics.act_outcome
    ADD CONSTRAINT act_outcome_pkey PRIMARY KEY (act);
ALTER TABLE ONLY metrics.act
    ADD CONSTRAINT act_pkey PRIMARY KEY (act);
ALTER TABLE ONLY metrics.act
    ADD CONSTRAINT act_source_id_key UNIQUE (source, id);
ALTER TABLE ONLY metrics.catalogue_mark
    ADD CONSTRAINT catalogue_mark_pkey PRIMARY KEY (programme, version, partition);
ALTER TABLE ONLY metrics.catalogue
    ADD CONSTRAINT catalogue_pkey PRIMARY KEY (programme, version);
ALTER TABLE ONLY metrics.cell_past
    ADD CONSTRAINT cell_past_pkey PRIMARY KEY (programme, indicator, district, period, until);
ALTER TABLE ONLY metrics.cell
    ADD CONSTRAINT cell_pkey PRIMARY KEY (programme, indicator, district, period);
ALTER TABLE ONLY metrics.department
    ADD CONSTRAINT department_pkey PRIMARY KEY (programme, department);
ALTER TABLE ONLY metrics.district
    ADD CONSTRAINT district_pkey PRIMARY KEY (programme, district);
ALTER TABLE ONLY metrics.fed_head
    ADD CONSTRAINT fed_head_pkey PRIMARY KEY (one);
ALTER TABLE ONLY metrics.fed_link
    ADD CONSTRAINT fed_link_pkey PRIMARY KEY (programme, indicator, project);
ALTER TABLE ONLY metrics.fed
    ADD CONSTRAINT fed_pkey PRIMARY KEY (programme, indicator, district, period);
ALTER TABLE ONLY metrics.finding
    ADD CONSTRAINT finding_pkey PRIMARY KEY (programme, catalogue_version, "position");
ALTER TABLE ONLY metrics.indicator
    ADD CONSTRAINT indicator_pkey PRIMARY KEY (programme, indicator);
ALTER TABLE ONLY metrics.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (programme, indicator);
ALTER TABLE ONLY metrics.outcome_history
    ADD CONSTRAINT outcome_history_pkey PRIMARY KEY (report, version);
ALTER TABLE ONLY metrics.outcome
    ADD CONSTRAINT outcome_pkey PRIMARY KEY (report);
ALTER TABLE ONLY metrics.programme
    ADD CONSTRAINT programme_pkey PRIMARY KEY (programme);
ALTER TABLE ONLY metrics.project_outcome_history
    ADD CONSTRAINT project_outcome_history_pkey PRIMARY KEY (statement, version);
ALTER TABLE ONLY metrics.project_outcome
    ADD CONSTRAINT project_outcome_pkey PRIMARY KEY (statement);
ALTER TABLE ONLY metrics.project
    ADD CONSTRAINT project_pkey PRIMARY KEY (programme, project);
ALTER TABLE ONLY metrics.project_problem
    ADD CONSTRAINT project_problem_pkey PRIMARY KEY (programme, project, problem);
ALTER TABLE ONLY metrics.project_receipt_item
    ADD CONSTRAINT project_receipt_item_pkey PRIMARY KEY (receipt, source, id, payload_hash);
ALTER TABLE ONLY metrics.project_red_line_past
    ADD CONSTRAINT project_red_line_past_pkey PRIMARY KEY (programme, kind, name, district, red_line, episode, version);
ALTER TABLE ONLY metrics.project_red_line
    ADD CONSTRAINT project_red_line_pkey PRIMARY KEY (programme, kind, name, district, red_line, episode);
ALTER TABLE ONLY metrics.project_standing
    ADD CONSTRAINT project_standing_pkey PRIMARY KEY (programme, project, version);
ALTER TABLE ONLY metrics.project_statement
    ADD CONSTRAINT project_statement_pkey PRIMARY KEY (statement);
ALTER TABLE ONLY metrics.project_statement
    ADD CONSTRAINT project_statement_source_id_key UNIQUE (source, id);
ALTER TABLE ONLY metrics.project_subject
    ADD CONSTRAINT project_subject_pkey PRIMARY KEY (programme, kind, name);
ALTER TABLE ONLY metrics.project_watermark
    ADD CONSTRAINT project_watermark_pkey PRIMARY KEY (partition);
ALTER TABLE ONLY metrics.put_aside
    ADD CONSTRAINT put_aside_pkey PRIMARY KEY (receipt, source, id);
ALTER TABLE ONLY metrics.receipt_item
    ADD CONSTRAINT receipt_item_pkey PRIMARY KEY (receipt, source, id, payload_hash);
ALTER TABLE ONLY metrics.recomputation
    ADD CONSTRAINT recomputation_pkey PRIMARY KEY (programme, rules, partition);
ALTER TABLE ONLY metrics.report
    ADD CONSTRAINT report_pkey PRIMARY KEY (report);
ALTER TABLE ONLY metrics.report
    ADD CONSTRAINT report_source_id_key UNIQUE (source, id);
ALTER TABLE ONLY metrics.series_past
    ADD CONSTRAINT series_past_pkey PRIMARY KEY (programme, indicator, district, until);
ALTER TABLE ONLY metrics.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (programme, indicator, district);
ALTER TABLE ONLY metrics.standing
    ADD CONSTRAINT standing_pkey PRIMARY KEY (programme, indicator, district, period, version);
ALTER TABLE ONLY metrics.watermark
    ADD CONSTRAINT watermark_pkey PRIMARY KEY (partition);
CREATE INDEX act_of_cell ON metrics.act USING btree (programme, indicator, district, period);
CREATE INDEX act_on_report ON metrics.act USING btree (report_source, report_id) WHERE (report_id IS NOT NULL);
CREATE INDEX act_outcome_moved ON metrics.act_outcome USING btree (programme, indicator, moved);
CREATE INDEX cell_duty ON metrics.cell USING btree (due_at) INCLUDE (programme, indicator, district, answers, received_at, withdrawn, excused, excused_until) WHERE (applicable AND (due_at IS NOT NULL));
CREATE INDEX cell_of_district ON metrics.cell USING btree (programme, district, period_end);
CREATE INDEX cell_with_value ON metrics.cell USING btree (programme, indicator, district, period_end DESC) WHERE (value IS NOT NULL);
CREATE INDEX fed_link_of ON metrics.fed_link USING btree (programme, project);
CREATE INDEX fed_unplaced ON metrics.fed USING btree (programme, indicator, district, period) WHERE (placed_at IS NULL);
CREATE INDEX outcome_held ON metrics.outcome USING btree (programme, indicator) WHERE (outcome = 'held_for_approval'::text);
CREATE INDEX outcome_moved ON metrics.outcome USING btree (programme, indicator, moved);
CREATE INDEX project_outcome_moved ON metrics.project_outcome USING btree (programme, kind, name, moved);
CREATE INDEX project_statement_of ON metrics.project_statement USING btree (programme, kind, name);
CREATE INDEX report_of_cell ON metrics.report USING btree (programme, indicator, district, period);
CREATE INDEX standing_moved ON metrics.standing USING btree (programme, indicator, moved);
CREATE STATISTICS metrics.series_of (ndistinct) ON indicator, district FROM metrics.series;
ALTER TABLE ONLY metrics.act_item
    ADD CONSTRAINT act_item_act_fkey FOREIGN KEY (act) REFERENCES metrics.act(act);
ALTER TABLE ONLY metrics.act_outcome
    ADD CONSTRAINT act_outcome_act_fkey FOREIGN KEY (act) REFERENCES metrics.act(act);
ALTER TABLE ONLY metrics.act_outcome_history
    ADD CONSTRAINT act_outcome_history_act_fkey FOREIGN KEY (act) REFERENCES metrics.act(act);
ALTER TABLE ONLY metrics.catalogue_mark
    ADD CONSTRAINT catalogue_mark_programme_version_fkey FOREIGN KEY (programme, version) REFERENCES metrics.catalogue(programme, version);
ALTER TABLE ONLY metrics.cell
    ADD CONSTRAINT cell_programme_indicator_district_fkey FOREIGN KEY (programme, indicator, district) REFERENCES metrics.series(programme, indicator, district);
ALTER TABLE ONLY metrics.department
    ADD CONSTRAINT department_programme_fkey FOREIGN KEY (programme) REFERENCES metrics.programme(programme);
ALTER TABLE ONLY metrics.district
    ADD CONSTRAINT district_programme_fkey FOREIGN KEY (programme) REFERENCES metrics.programme(programme);
ALTER TABLE ONLY metrics.indicator
    ADD CONSTRAINT indicator_programme_fkey FOREIGN KEY (programme) REFERENCES metrics.programme(programme);
ALTER TABLE ONLY metrics.outcome_history
    ADD CONSTRAINT outcome_history_report_fkey FOREIGN KEY (report) REFERENCES metrics.report(report);
ALTER TABLE ONLY metrics.outcome
    ADD CONSTRAINT outcome_report_fkey FOREIGN KEY (report) REFERENCES metrics.report(report);
ALTER TABLE ONLY metrics.project_outcome_history
    ADD CONSTRAINT project_outcome_history_statement_fkey FOREIGN KEY (statement) REFERENCES metrics.project_statement(statement);
ALTER TABLE ONLY metrics.project_outcome
    ADD CONSTRAINT project_outcome_statement_fkey FOREIGN KEY (statement) REFERENCES metrics.project_statement(statement);
ALTER TABLE ONLY metrics.project_receipt_item
    ADD CONSTRAINT project_receipt_item_statement_fkey FOREIGN KEY (statement) REFERENCES metrics.project_statement(statement);
ALTER TABLE ONLY metrics.receipt_item
    ADD CONSTRAINT receipt_item_report_fkey FOREIGN KEY (report) REFERENCES metrics.report(report);
ALTER TABLE ONLY metrics.series
    ADD CONSTRAINT series_programme_district_fkey FOREIGN KEY (programme, district) REFERENCES metrics.district(programme, district);
ALTER TABLE ONLY metrics.series
    ADD CONSTRAINT series_programme_indicator_fkey FOREIGN KEY (programme, indicator) REFERENCES metrics.indicator(programme, indicator);
GRANT USAGE ON SCHEMA metrics TO liangshai_read;
GRANT SELECT ON TABLE metrics.cell TO liangshai_read;
GRANT SELECT ON TABLE metrics.act TO liangshai_read;
GRANT SELECT ON TABLE metrics.act_item TO liangshai_read;
GRANT SELECT ON TABLE metrics.act_outcome TO liangshai_read;
GRANT SELECT ON TABLE metrics.act_outcome_history TO liangshai_read;
GRANT SELECT ON TABLE metrics.catalogue TO liangshai_read;
GRANT SELECT ON TABLE metrics.catalogue_mark TO liangshai_read;
GRANT SELECT ON TABLE metrics.cell_past TO liangshai_read;
GRANT SELECT ON TABLE metrics.department TO liangshai_read;
GRANT SELECT ON TABLE metrics.department_completeness TO liangshai_read;
GRANT SELECT ON TABLE metrics.district TO liangshai_read;
GRANT SELECT ON TABLE metrics.district_completeness TO liangshai_read;
GRANT SELECT ON TABLE metrics.fed TO liangshai_read;
GRANT SELECT ON TABLE metrics.fed_head TO liangshai_read;
GRANT SELECT ON TABLE metrics.fed_link TO liangshai_read;
GRANT SELECT ON TABLE metrics.finding TO liangshai_read;
GRANT SELECT ON TABLE metrics.indicator TO liangshai_read;
GRANT SELECT ON TABLE metrics.ledger TO liangshai_read;
GRANT SELECT ON TABLE metrics.series TO liangshai_read;
GRANT SELECT ON TABLE metrics.newest TO liangshai_read;
GRANT SELECT ON TABLE metrics.outcome TO liangshai_read;
GRANT SELECT ON TABLE metrics.outcome_history TO liangshai_read;
GRANT SELECT ON TABLE metrics.programme TO liangshai_read;
GRANT SELECT ON TABLE metrics.project TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_outcome TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_outcome_history TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_problem TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_receipt_item TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_red_line TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_red_line_past TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_standing TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_statement TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_subject TO liangshai_read;
GRANT SELECT ON TABLE metrics.project_watermark TO liangshai_read;
GRANT SELECT ON TABLE metrics.put_aside TO liangshai_read;
GRANT SELECT ON TABLE metrics.receipt_item TO liangshai_read;
GRANT SELECT ON TABLE metrics.recomputation TO liangshai_read;
GRANT SELECT ON TABLE metrics.report TO liangshai_read;
GRANT SELECT ON TABLE metrics.series_past TO liangshai_read;
GRANT SELECT ON TABLE metrics.standing TO liangshai_read;
GRANT SELECT ON TABLE metrics.watermark TO liangshai_read;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA metrics GRANT SELECT ON TABLES TO liangshai_read;
