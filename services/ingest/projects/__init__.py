"""Intake of what is said of major projects (rule 12): the same run as for reports, with rules of its own."""
