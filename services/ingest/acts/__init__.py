"""Acts on cells (rule 2.9) through intake: what is theirs alone; the run from body to verdicts is the reports'."""
