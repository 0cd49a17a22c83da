-- How far reminders of reports are decided (rule 7.3), and the next moment at which some are; when an excuse ends by
-- itself (rule 7.2).
CREATE TABLE alerts.reminding (
    programme text PRIMARY KEY,
    through timestamptz NOT NULL,
    next_at timestamptz
);
ALTER TABLE alerts.light ADD COLUMN excused_until timestamptz;
-- A unit reads what it is reminded of.
CREATE INDEX feed_reminder ON alerts.feed ((document -> 'labels' ->> 'addressee'), seq) WHERE kind = 'reminder';
