"""The time-lapse: the programme's years replayed through the public API under a driven clock, and its recount."""
