-- What became known at a moment of a driven clock that is not over yet: judged together by the watermark that passes it.
CREATE TABLE alerts.waiting (
    kind text NOT NULL,
    partition integer NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    known_at timestamptz NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (kind, partition, key, version)
);
