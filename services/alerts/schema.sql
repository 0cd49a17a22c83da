CREATE SCHEMA alerts;
CREATE TABLE alerts.attempt (
    receiver text NOT NULL,
    seq bigint NOT NULL,
    attempt integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    status integer,
    error text
);
CREATE TABLE alerts.catalogue (
    programme text NOT NULL,
    version text NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    sha256 text NOT NULL,
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    actor text NOT NULL,
    document bytea NOT NULL
);
CREATE TABLE alerts.catalogue_mark (
    programme text NOT NULL,
    version text NOT NULL,
    partition integer NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE alerts.delivery (
    receiver text NOT NULL,
    seq bigint NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    status integer,
    error text,
    notification integer,
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'failed'::text, 'dropped'::text])))
);
CREATE TABLE alerts.feed (
    seq bigint NOT NULL,
    message_id uuid NOT NULL,
    sent timestamp with time zone NOT NULL,
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
    document json NOT NULL,
    groups text[] DEFAULT '{}'::text[] NOT NULL
);
CREATE TABLE alerts.feed_head (
    one boolean DEFAULT true NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT feed_head_one_check CHECK (one)
);
CREATE TABLE alerts.inhibition (
    programme text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    due integer NOT NULL,
    overdue integer NOT NULL
);
CREATE TABLE alerts.light (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    period_end date NOT NULL,
    due_at timestamp with time zone,
    lock_at timestamp with time zone,
    live text,
    record text,
    fixed_at timestamp with time zone,
    caught_up boolean DEFAULT false NOT NULL,
    lag numeric,
    version bigint DEFAULT 0 NOT NULL,
    after text[],
    owed_period text,
    stretch text,
    quota boolean DEFAULT false NOT NULL,
    binding boolean DEFAULT true NOT NULL,
    known_at timestamp with time zone,
    excused boolean DEFAULT false NOT NULL,
    misses boolean DEFAULT false NOT NULL,
    override text,
    inhibited text,
    excused_until timestamp with time zone,
    published_at timestamp with time zone,
    received boolean DEFAULT false NOT NULL,
    CONSTRAINT light_live_check CHECK ((live = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text, 'grey'::text]))),
    CONSTRAINT light_override_check CHECK ((override = ANY (ARRAY['yellow'::text, 'red'::text]))),
    CONSTRAINT light_record_check CHECK ((record = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text, 'grey'::text])))
);
CREATE TABLE alerts.light_change (
    change bigint NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    kind text NOT NULL,
    before text,
    after text,
    said text NOT NULL,
    worse boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    seq bigint,
    reason text,
    CONSTRAINT light_change_check CHECK (((NOT worse) OR ((seq IS NULL) <> (reason IS NULL)))),
    CONSTRAINT light_change_kind_check CHECK ((kind = ANY (ARRAY['live'::text, 'record'::text, 'override'::text, 'red_line'::text])))
);
ALTER TABLE alerts.light_change ALTER COLUMN change ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alerts.light_change_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE alerts.light_past (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    version bigint NOT NULL,
    known_at timestamp with time zone NOT NULL,
    lock_at timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    stretch text,
    excused boolean NOT NULL,
    misses boolean NOT NULL,
    lag numeric,
    value text,
    expected text,
    target text,
    received boolean DEFAULT false NOT NULL,
    said_zh text,
    said_en text,
    derived json,
    due_at timestamp with time zone
);
CREATE TABLE alerts.notification (
    receiver text NOT NULL,
    number integer NOT NULL,
    "grouping" text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    titles text[] NOT NULL,
    parts text[] NOT NULL,
    parts_done integer DEFAULT 0 NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    status integer,
    error text,
    CONSTRAINT notification_reason_check CHECK ((reason = ANY (ARRAY['first'::text, 'more'::text, 'digest'::text, 'repeat'::text]))),
    CONSTRAINT notification_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'failed'::text, 'dropped'::text])))
);
CREATE TABLE alerts.objection (
    objection uuid NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    about text NOT NULL,
    which text NOT NULL,
    unit text NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    answer text,
    answered_by text,
    answered_at timestamp with time zone,
    answer_reason text,
    message_id uuid NOT NULL,
    CONSTRAINT objection_about_check CHECK ((about = ANY (ARRAY['light'::text, 'target'::text]))),
    CONSTRAINT objection_answer_check CHECK ((answer = ANY (ARRAY['upheld'::text, 'dismissed'::text, 'withdrawn'::text]))),
    CONSTRAINT objection_check CHECK (((answer IS NULL) = (answered_at IS NULL)))
);
CREATE TABLE alerts.override (
    override uuid NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    colour text NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    period text NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    end_reason text,
    CONSTRAINT override_colour_check CHECK ((colour = ANY (ARRAY['yellow'::text, 'red'::text])))
);
CREATE TABLE alerts.project (
    programme text NOT NULL,
    project text NOT NULL,
    partition integer NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    name_zh text DEFAULT ''::text NOT NULL,
    name_en text DEFAULT ''::text NOT NULL,
    district text DEFAULT ''::text NOT NULL,
    department text DEFAULT ''::text NOT NULL,
    addressee text DEFAULT ''::text NOT NULL,
    contact text DEFAULT ''::text NOT NULL,
    contact_role text DEFAULT ''::text NOT NULL,
    invented boolean DEFAULT false NOT NULL,
    listed boolean DEFAULT false NOT NULL,
    feeds text[] DEFAULT '{}'::text[] NOT NULL,
    light text DEFAULT 'grey'::text NOT NULL,
    marked boolean DEFAULT false NOT NULL,
    light_period text,
    stale boolean DEFAULT false NOT NULL,
    since timestamp with time zone,
    lag_days integer,
    lag_text_zh text DEFAULT ''::text NOT NULL,
    lag_text_en text DEFAULT ''::text NOT NULL,
    next_at timestamp with time zone,
    document json,
    CONSTRAINT project_light_check CHECK ((light = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text, 'grey'::text])))
);
CREATE TABLE alerts.project_light (
    programme text NOT NULL,
    project text NOT NULL,
    period text NOT NULL,
    period_end date NOT NULL,
    due_at timestamp with time zone NOT NULL,
    lock_at timestamp with time zone NOT NULL,
    live text,
    record text,
    lag_days integer,
    unstarted_months integer DEFAULT 0 NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT project_light_live_check CHECK ((live = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text]))),
    CONSTRAINT project_light_record_check CHECK ((record = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text, 'grey'::text])))
);
CREATE TABLE alerts.project_light_change (
    change bigint NOT NULL,
    programme text NOT NULL,
    project text NOT NULL,
    period text NOT NULL,
    kind text NOT NULL,
    before text,
    after text,
    worse boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    seq bigint,
    reason text,
    CONSTRAINT project_light_change_check CHECK (((NOT worse) OR ((seq IS NULL) <> (reason IS NULL)))),
    CONSTRAINT project_light_change_kind_check CHECK ((kind = ANY (ARRAY['live'::text, 'record'::text])))
);
ALTER TABLE alerts.project_light_change ALTER COLUMN change ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alerts.project_light_change_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE alerts.project_month_told (
    change bigint NOT NULL,
    programme text NOT NULL,
    project text NOT NULL,
    period text NOT NULL,
    at timestamp with time zone NOT NULL,
    document json NOT NULL
);
ALTER TABLE alerts.project_month_told ALTER COLUMN change ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alerts.project_month_told_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE alerts.project_past (
    programme text NOT NULL,
    project text NOT NULL,
    since timestamp with time zone NOT NULL,
    district text NOT NULL,
    listed boolean NOT NULL,
    feeds text[] NOT NULL,
    light text NOT NULL,
    CONSTRAINT project_past_light_check CHECK ((light = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text, 'grey'::text])))
);
CREATE TABLE alerts.project_red_line (
    programme text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    district text NOT NULL,
    red_line text NOT NULL,
    episode integer NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL,
    said text NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    message_id uuid NOT NULL,
    document json NOT NULL,
    CONSTRAINT project_red_line_kind_check CHECK ((kind = ANY (ARRAY['project'::text, 'indicator'::text]))),
    CONSTRAINT project_red_line_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);
CREATE VIEW alerts.project_shown AS
 SELECT p.programme,
    p.project,
    p.name_zh,
    p.name_en,
    p.district,
    p.department,
    p.addressee,
    p.contact,
    p.contact_role,
    p.invented,
    p.listed,
    p.feeds,
    p.light,
    p.marked,
    p.light_period,
    p.stale,
    p.since,
    p.lag_days,
    p.lag_text_zh,
    p.lag_text_en,
    (COALESCE(r.open, (0)::bigint))::integer AS red_lines,
        CASE
            WHEN (r.open > 0) THEN 'red'::text
            ELSE p.light
        END AS shown
   FROM (alerts.project p
     LEFT JOIN ( SELECT project_red_line.programme,
            project_red_line.name,
            count(*) AS open
           FROM alerts.project_red_line
          WHERE ((project_red_line.kind = 'project'::text) AND (project_red_line.state = 'open'::text))
          GROUP BY project_red_line.programme, project_red_line.name) r ON (((r.programme = p.programme) AND (r.name = p.project))));
CREATE TABLE alerts.project_standing_past (
    programme text NOT NULL,
    project text NOT NULL,
    version bigint NOT NULL,
    document json NOT NULL
);
CREATE TABLE alerts.project_told (
    change bigint NOT NULL,
    programme text NOT NULL,
    project text NOT NULL,
    at timestamp with time zone NOT NULL,
    document json NOT NULL
);
ALTER TABLE alerts.project_told ALTER COLUMN change ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alerts.project_told_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE alerts.project_watermark (
    partition integer NOT NULL,
    through timestamp with time zone NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE alerts.receiver (
    receiver text NOT NULL,
    url text NOT NULL,
    disabled_at timestamp with time zone,
    reason text,
    channel text DEFAULT 'webhook'::text NOT NULL,
    groups text[]
);
CREATE TABLE alerts.reminding (
    programme text NOT NULL,
    through timestamp with time zone NOT NULL,
    next_at timestamp with time zone
);
CREATE TABLE alerts.series (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    partition integer NOT NULL,
    department text NOT NULL,
    light text DEFAULT 'grey'::text NOT NULL,
    light_period text,
    stale boolean DEFAULT false NOT NULL,
    since timestamp with time zone,
    next_at timestamp with time zone,
    warned text,
    mode text,
    lag numeric,
    lag_text_zh text,
    lag_text_en text,
    value text,
    expected text,
    target text,
    forecast boolean DEFAULT false NOT NULL,
    override text,
    override_until timestamp with time zone,
    computed text DEFAULT 'grey'::text NOT NULL,
    red_lines integer DEFAULT 0 NOT NULL,
    CONSTRAINT series_computed_check CHECK ((computed = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text, 'grey'::text]))),
    CONSTRAINT series_light_check CHECK ((light = ANY (ARRAY['green'::text, 'yellow'::text, 'red'::text, 'grey'::text]))),
    CONSTRAINT series_override_check CHECK ((override = ANY (ARRAY['yellow'::text, 'red'::text]))),
    CONSTRAINT series_warned_check CHECK ((warned = ANY (ARRAY['yellow'::text, 'red'::text])))
);
CREATE TABLE alerts.shown_change (
    change bigint NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE alerts.shown_change ALTER COLUMN change ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME alerts.shown_change_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE alerts.standing (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    version bigint NOT NULL,
    document json NOT NULL
);
CREATE TABLE alerts.standing_past (
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    version bigint NOT NULL,
    document json NOT NULL
);
CREATE TABLE alerts.subscription (
    subscription uuid NOT NULL,
    key_sha256 text NOT NULL,
    subject text NOT NULL,
    token_sha256 text,
    unit text,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
CREATE TABLE alerts.ticket (
    ticket uuid NOT NULL,
    rule text NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    department text NOT NULL,
    addressee text NOT NULL,
    episode integer NOT NULL,
    state text NOT NULL,
    level integer NOT NULL,
    severity text NOT NULL,
    run integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    timer text,
    timer_at timestamp with time zone,
    promised_on date,
    cause text,
    plan text,
    first_period text NOT NULL,
    last_period text NOT NULL,
    last_message_id uuid,
    message_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    close_code text,
    suppressed boolean DEFAULT false NOT NULL,
    suppressed_until timestamp with time zone,
    objected boolean DEFAULT false NOT NULL,
    CONSTRAINT ticket_level_check CHECK (((level >= 1) AND (level <= 3))),
    CONSTRAINT ticket_rule_check CHECK ((rule = ANY (ARRAY['lag'::text, 'reporting'::text, 'forecast'::text, 'project'::text]))),
    CONSTRAINT ticket_severity_check CHECK ((severity = ANY (ARRAY['yellow'::text, 'red'::text]))),
    CONSTRAINT ticket_state_check CHECK ((state = ANY (ARRAY['OPEN'::text, 'ACKED'::text, 'ANSWERED'::text, 'RECOVERED'::text, 'CLOSED'::text, 'CANCELLED'::text]))),
    CONSTRAINT ticket_timer_check CHECK ((timer = ANY (ARRAY['ack'::text, 'answer'::text, 'review'::text])))
);
CREATE TABLE alerts.ticket_event (
    ticket uuid NOT NULL,
    "position" integer NOT NULL,
    at timestamp with time zone NOT NULL,
    event text NOT NULL,
    actor text,
    from_state text NOT NULL,
    to_state text NOT NULL,
    level integer NOT NULL,
    detail json,
    after json
);
CREATE VIEW alerts.unmatched AS
 SELECT 'change'::text AS what,
    light_change.change AS id
   FROM alerts.light_change
  WHERE (light_change.worse AND (light_change.seq IS NULL) AND (light_change.reason IS NULL))
UNION ALL
 SELECT 'message'::text AS what,
    f.seq AS id
   FROM (alerts.feed f
     LEFT JOIN alerts.light_change c ON (((c.seq = f.seq) AND c.worse)))
  WHERE ((f.rule = 'lag'::text) AND (f.notification_reason = ANY (ARRAY['early'::text, 'first'::text, 'worsened'::text])))
  GROUP BY f.seq
 HAVING (count(c.change) <> 1);
CREATE TABLE alerts.waiting (
    kind text NOT NULL,
    partition integer NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    known_at timestamp with time zone NOT NULL,
    document json NOT NULL
);
CREATE TABLE alerts.warning (
    warning uuid NOT NULL,
    programme text NOT NULL,
    indicator text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    colour text NOT NULL,
    state text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    message_id uuid NOT NULL,
    CONSTRAINT warning_colour_check CHECK ((colour = ANY (ARRAY['yellow'::text, 'red'::text]))),
    CONSTRAINT warning_state_check CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'withdrawn'::text])))
);
CREATE TABLE alerts.watermark (
    partition integer NOT NULL,
    through timestamp with time zone NOT NULL,
    "position" bigint NOT NULL
);
ALTER TABLE ONLY alerts.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (receiver, seq, attempt);
ALTER TABLE ONLY alerts.catalogue_mark
    ADD CONSTRAINT catalogue_mark_pkey PRIMARY KEY (programme, version, partition);
ALTER TABLE ONLY alerts.catalogue
    ADD CONSTRAINT catalogue_pkey PRIMARY KEY (programme, version);
ALTER TABLE ONLY alerts.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (receiver, seq);
ALTER TABLE ONLY alerts.feed_head
    ADD CONSTRAINT feed_head_pkey PRIMARY KEY (one);
ALTER TABLE ONLY alerts.feed
    ADD CONSTRAINT feed_message_id_key UNIQUE (message_id);
ALTER TABLE ONLY alerts.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY alerts.inhibition
    ADD CONSTRAINT inhibition_pkey PRIMARY KEY (programme, district, period, due_at);
ALTER TABLE ONLY alerts.light_change
    ADD CONSTRAINT light_change_pkey PRIMARY KEY (change);
ALTER TABLE ONLY alerts.light_past
    ADD CONSTRAINT light_past_pkey PRIMARY KEY (programme, indicator, district, period, version);
ALTER TABLE ONLY alerts.light
    ADD CONSTRAINT light_pkey PRIMARY KEY (programme, indicator, district, period);
ALTER TABLE ONLY alerts.notification
    ADD CONSTRAINT notification_pkey PRIMARY KEY (receiver, number);
ALTER TABLE ONLY alerts.objection
    ADD CONSTRAINT objection_pkey PRIMARY KEY (objection);
ALTER TABLE ONLY alerts.override
    ADD CONSTRAINT override_pkey PRIMARY KEY (override);
ALTER TABLE ONLY alerts.project_light_change
    ADD CONSTRAINT project_light_change_pkey PRIMARY KEY (change);
ALTER TABLE ONLY alerts.project_light
    ADD CONSTRAINT project_light_pkey PRIMARY KEY (programme, project, period);
ALTER TABLE ONLY alerts.project_month_told
    ADD CONSTRAINT project_month_told_pkey PRIMARY KEY (change);
ALTER TABLE ONLY alerts.project_past
    ADD CONSTRAINT project_past_pkey PRIMARY KEY (programme, project, since);
ALTER TABLE ONLY alerts.project
    ADD CONSTRAINT project_pkey PRIMARY KEY (programme, project);
ALTER TABLE ONLY alerts.project_red_line
    ADD CONSTRAINT project_red_line_pkey PRIMARY KEY (programme, kind, name, district, red_line, episode);
ALTER TABLE ONLY alerts.project_standing_past
    ADD CONSTRAINT project_standing_past_pkey PRIMARY KEY (programme, project, version);
ALTER TABLE ONLY alerts.project_told
    ADD CONSTRAINT project_told_pkey PRIMARY KEY (change);
ALTER TABLE ONLY alerts.project_watermark
    ADD CONSTRAINT project_watermark_pkey PRIMARY KEY (partition);
ALTER TABLE ONLY alerts.receiver
    ADD CONSTRAINT receiver_pkey PRIMARY KEY (receiver);
ALTER TABLE ONLY alerts.reminding
    ADD CONSTRAINT reminding_pkey PRIMARY KEY (programme);
ALTER TABLE ONLY alerts.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (programme, indicator, district);
ALTER TABLE ONLY alerts.shown_change
    ADD CONSTRAINT shown_change_pkey PRIMARY KEY (change);
ALTER TABLE ONLY alerts.standing_past
    ADD CONSTRAINT standing_past_pkey PRIMARY KEY (programme, indicator, district, period, version);
ALTER TABLE ONLY alerts.standing
    ADD CONSTRAINT standing_pkey PRIMARY KEY (programme, indicator, district, period);
ALTER TABLE ONLY alerts.subscription
    ADD CONSTRAINT subscription_key_sha256_key UNIQUE (key_sha256);
ALTER TABLE ONLY alerts.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (subscription);
ALTER TABLE ONLY alerts.ticket_event
    ADD CONSTRAINT ticket_event_pkey PRIMARY KEY (ticket, "position");
ALTER TABLE ONLY alerts.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (ticket);
ALTER TABLE ONLY alerts.ticket
    ADD CONSTRAINT ticket_rule_programme_indicator_district_episode_key UNIQUE (rule, programme, indicator, district, episode);
ALTER TABLE ONLY alerts.waiting
    ADD CONSTRAINT waiting_pkey PRIMARY KEY (kind, partition, key, version);
ALTER TABLE ONLY alerts.warning
    ADD CONSTRAINT warning_pkey PRIMARY KEY (warning);
ALTER TABLE ONLY alerts.watermark
    ADD CONSTRAINT watermark_pkey PRIMARY KEY (partition);
CREATE INDEX delivery_failed ON alerts.delivery USING btree (receiver, next_attempt_at) WHERE (state = 'failed'::text);
CREATE INDEX delivery_notification ON alerts.delivery USING btree (receiver, notification) WHERE (notification IS NOT NULL);
CREATE INDEX delivery_pending ON alerts.delivery USING btree (receiver, seq) WHERE (state = 'pending'::text);
CREATE INDEX feed_reminder ON alerts.feed USING btree ((((document -> 'labels'::text) ->> 'addressee'::text)), seq) WHERE (kind = 'reminder'::text);
CREATE INDEX feed_series ON alerts.feed USING btree (programme, indicator, district, seq);
CREATE INDEX light_change_seq ON alerts.light_change USING btree (seq);
CREATE INDEX light_change_series ON alerts.light_change USING btree (programme, indicator, district, change);
CREATE INDEX light_period_end ON alerts.light USING btree (programme, period_end);
CREATE INDEX light_place ON alerts.light USING btree (programme, district, period);
CREATE INDEX notification_grouping ON alerts.notification USING btree (receiver, "grouping", number);
CREATE INDEX notification_pending ON alerts.notification USING btree (receiver, number) WHERE (state = 'pending'::text);
CREATE INDEX objection_at ON alerts.objection USING btree (programme, at, objection);
CREATE UNIQUE INDEX objection_open ON alerts.objection USING btree (programme, indicator, district, about, which) WHERE (answer IS NULL);
CREATE INDEX override_series ON alerts.override USING btree (programme, indicator, district, at);
CREATE INDEX project_light_change_of ON alerts.project_light_change USING btree (programme, project, change);
CREATE INDEX project_month_told_of ON alerts.project_month_told USING btree (programme, project, period, change DESC);
CREATE INDEX project_next ON alerts.project USING btree (partition, next_at);
CREATE INDEX project_told_of ON alerts.project_told USING btree (programme, project, change DESC);
CREATE INDEX series_next ON alerts.series USING btree (partition, next_at);
CREATE INDEX shown_change_of_series ON alerts.shown_change USING btree (programme, indicator, district, change DESC);
CREATE INDEX standing_period ON alerts.standing USING btree (programme, period);
CREATE INDEX subscription_subject ON alerts.subscription USING btree (subject);
CREATE INDEX warning_series ON alerts.warning USING btree (programme, indicator, district, state);
ALTER TABLE ONLY alerts.attempt
    ADD CONSTRAINT attempt_receiver_seq_fkey FOREIGN KEY (receiver, seq) REFERENCES alerts.delivery(receiver, seq);
ALTER TABLE ONLY alerts.catalogue_mark
    ADD CONSTRAINT catalogue_mark_programme_version_fkey FOREIGN KEY (programme, version) REFERENCES alerts.catalogue(programme, version);
ALTER TABLE ONLY alerts.delivery
    ADD CONSTRAINT delivery_receiver_fkey FOREIGN KEY (receiver) REFERENCES alerts.receiver(receiver);
ALTER TABLE ONLY alerts.delivery
    ADD CONSTRAINT delivery_seq_fkey FOREIGN KEY (seq) REFERENCES alerts.feed(seq);
ALTER TABLE ONLY alerts.notification
    ADD CONSTRAINT notification_receiver_fkey FOREIGN KEY (receiver) REFERENCES alerts.receiver(receiver);
ALTER TABLE ONLY alerts.ticket_event
    ADD CONSTRAINT ticket_event_ticket_fkey FOREIGN KEY (ticket) REFERENCES alerts.ticket(ticket);
GRANT USAGE ON SCHEMA alerts TO liangshai_read;
GRANT SELECT ON TABLE alerts.attempt TO liangshai_read;
GRANT SELECT ON TABLE alerts.catalogue TO liangshai_read;
GRANT SELECT ON TABLE alerts.catalogue_mark TO liangshai_read;
GRANT SELECT ON TABLE alerts.delivery TO liangshai_read;
GRANT SELECT ON TABLE alerts.feed TO liangshai_read;
GRANT SELECT ON TABLE alerts.feed_head TO liangshai_read;
GRANT SELECT ON TABLE alerts.inhibition TO liangshai_read;
GRANT SELECT ON TABLE alerts.light TO liangshai_read;
GRANT SELECT ON TABLE alerts.light_change TO liangshai_read;
GRANT SELECT ON TABLE alerts.light_past TO liangshai_read;
GRANT SELECT ON TABLE alerts.notification TO liangshai_read;
GRANT SELECT ON TABLE alerts.objection TO liangshai_read;
GRANT SELECT ON TABLE alerts.override TO liangshai_read;
GRANT SELECT ON TABLE alerts.project TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_light TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_light_change TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_month_told TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_past TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_red_line TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_shown TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_standing_past TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_told TO liangshai_read;
GRANT SELECT ON TABLE alerts.project_watermark TO liangshai_read;
GRANT SELECT ON TABLE alerts.receiver TO liangshai_read;
GRANT SELECT ON TABLE alerts.reminding TO liangshai_read;
GRANT SELECT ON TABLE alerts.series TO liangshai_read;
GRANT SELECT ON TABLE alerts.shown_change TO liangshai_read;
GRANT SELECT ON TABLE alerts.standing TO liangshai_read;
GRANT SELECT ON TABLE alerts.standing_past TO liangshai_read;
GRANT SELECT ON TABLE alerts.subscription TO liangshai_read;
GRANT SELECT ON TABLE alerts.ticket TO liangshai_read;
GRANT SELECT ON TABLE alerts.ticket_event TO liangshai_read;
GRANT SELECT ON TABLE alerts.unmatched TO liangshai_read;
GRANT SELECT ON TABLE alerts.waiting TO liangshai_read;
GRANT SELECT ON TABLE alerts.warning TO liangshai_read;
GRANT SELECT ON TABLE alerts.watermark TO liangshai_read;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA alerts GRANT SELECT ON TABLES TO liangshai_read;
