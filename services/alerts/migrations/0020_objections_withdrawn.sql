-- The unit that raised an objection may take it back while it is not answered: a third way in which one ends.
ALTER TABLE alerts.objection DROP CONSTRAINT objection_answer_check;
ALTER TABLE alerts.objection ADD CONSTRAINT objection_answer_check CHECK (answer IN ('upheld', 'dismissed', 'withdrawn'));
