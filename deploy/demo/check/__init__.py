"""`make demo-check`: the platform held against the recount, question by question."""
