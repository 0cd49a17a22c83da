CREATE SCHEMA desk;
CREATE TABLE desk.attachment (
    attachment bigint NOT NULL,
    ticket uuid NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    confirmed boolean DEFAULT false NOT NULL,
    kept_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE desk.attachment ALTER COLUMN attachment ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME desk.attachment_attachment_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE desk.audit (
    "position" bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    happened_at timestamp with time zone DEFAULT now() NOT NULL,
    subject text,
    act text NOT NULL,
    target text DEFAULT ''::text NOT NULL,
    outcome text DEFAULT 'asked'::text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    address text DEFAULT ''::text NOT NULL
);
ALTER TABLE desk.audit ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME desk.audit_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE desk.flow (
    digest text NOT NULL,
    browser text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    next text NOT NULL,
    begun_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE desk.link (
    digest text NOT NULL,
    subject text NOT NULL,
    issued_by text NOT NULL,
    issued_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);
CREATE TABLE desk.person (
    subject text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    unit text,
    login text,
    active boolean DEFAULT true NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE desk.read_mark (
    subject text NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE desk.read_single (
    subject text NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE desk.saved_view (
    subject text NOT NULL,
    page text NOT NULL,
    name text NOT NULL,
    query text NOT NULL
);
CREATE TABLE desk.session (
    digest text NOT NULL,
    subject text NOT NULL,
    way text NOT NULL,
    csrf text NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT session_way_check CHECK ((way = ANY (ARRAY['link'::text, 'oidc'::text, 'demo'::text])))
);
CREATE TABLE desk.upload (
    upload text NOT NULL,
    subject text NOT NULL,
    unit text NOT NULL,
    name text NOT NULL,
    media text NOT NULL,
    content bytea NOT NULL,
    checked json NOT NULL,
    answer json,
    brought_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    kept_since timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY desk.attachment
    ADD CONSTRAINT attachment_pkey PRIMARY KEY (attachment);
ALTER TABLE ONLY desk.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY desk.flow
    ADD CONSTRAINT flow_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY desk.link
    ADD CONSTRAINT link_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY desk.person
    ADD CONSTRAINT person_login_key UNIQUE (login);
ALTER TABLE ONLY desk.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY desk.read_mark
    ADD CONSTRAINT read_mark_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY desk.read_single
    ADD CONSTRAINT read_single_pkey PRIMARY KEY (subject, seq);
ALTER TABLE ONLY desk.saved_view
    ADD CONSTRAINT saved_view_pkey PRIMARY KEY (subject, page, name);
ALTER TABLE ONLY desk.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY desk.upload
    ADD CONSTRAINT upload_pkey PRIMARY KEY (upload);
CREATE INDEX attachment_of_ticket ON desk.attachment USING btree (ticket, attachment);
CREATE INDEX attachment_unconfirmed ON desk.attachment USING btree (kept_at) WHERE (NOT confirmed);
CREATE INDEX audit_of_person ON desk.audit USING btree (subject, "position");
CREATE INDEX session_of_person ON desk.session USING btree (subject);
CREATE INDEX upload_of_person ON desk.upload USING btree (subject, kept_since);
ALTER TABLE ONLY desk.attachment
    ADD CONSTRAINT attachment_subject_fkey FOREIGN KEY (subject) REFERENCES desk.person(subject);
ALTER TABLE ONLY desk.link
    ADD CONSTRAINT link_subject_fkey FOREIGN KEY (subject) REFERENCES desk.person(subject);
ALTER TABLE ONLY desk.read_mark
    ADD CONSTRAINT read_mark_subject_fkey FOREIGN KEY (subject) REFERENCES desk.person(subject);
ALTER TABLE ONLY desk.read_single
    ADD CONSTRAINT read_single_subject_fkey FOREIGN KEY (subject) REFERENCES desk.person(subject);
ALTER TABLE ONLY desk.saved_view
    ADD CONSTRAINT saved_view_subject_fkey FOREIGN KEY (subject) REFERENCES desk.person(subject);
ALTER TABLE ONLY desk.session
    ADD CONSTRAINT session_subject_fkey FOREIGN KEY (subject) REFERENCES desk.person(subject);
ALTER TABLE ONLY desk.upload
    ADD CONSTRAINT upload_subject_fkey FOREIGN KEY (subject) REFERENCES desk.person(subject);
