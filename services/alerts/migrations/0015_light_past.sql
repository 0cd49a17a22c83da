-- What each version of a standing said of its cell (rule 2.10): asked with known_at, so that an earlier answer comes back
-- with its figures, its excuse and its lock. Append-only. Versions before this migration are not known any more.
CREATE TABLE alerts.light_past (
  programme text NOT NULL,
  indicator text NOT NULL,
  district text NOT NULL,
  period text NOT NULL,
  version bigint NOT NULL,
  known_at timestamptz NOT NULL,
  lock_at timestamptz NOT NULL, -- by the calendar
  published_at timestamptz,
  stretch text,
  excused boolean NOT NULL,
  misses boolean NOT NULL,
  lag numeric,
  value text,
  expected text,
  target text,
  PRIMARY KEY (programme, indicator, district, period, version)
);

INSERT INTO alerts.light_past
  (programme, indicator, district, period, version, known_at, lock_at, published_at, stretch, excused, misses, lag, value,
   expected, target)
SELECT l.programme, l.indicator, l.district, l.period, l.version, l.known_at, l.lock_at, l.published_at, l.stretch, l.excused,
  l.misses, l.lag, s.document ->> 'value', s.document ->> 'expected', s.document ->> 'target'
FROM alerts.light l JOIN alerts.standing s USING (programme, indicator, district, period)
WHERE l.version > 0 AND l.known_at IS NOT NULL AND l.lock_at IS NOT NULL;
