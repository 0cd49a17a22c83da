-- A ticket may be suppressed until a moment (rule 8): its timers stop, what its lights do is not said.
ALTER TABLE alerts.ticket
  ADD COLUMN suppressed boolean NOT NULL DEFAULT false,
  ADD COLUMN suppressed_until timestamptz;
