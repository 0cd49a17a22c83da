"""Major projects in metrics (rule 12): statements become facts, outcomes, standings and red lines, as reports do."""
