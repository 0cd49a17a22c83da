-- An objection (异议) of the addressee that waits for the office's answer; what was said stands in ticket_event.
ALTER TABLE alerts.ticket ADD COLUMN objected boolean NOT NULL DEFAULT false;
