"""Major projects in alerts (rule 12): standings become lights, tickets and messages, red lines are said at once."""
