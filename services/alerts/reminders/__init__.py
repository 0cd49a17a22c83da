"""Reminders of reports (rule 7.3): when they are due, who gets one about what, and their place in the feed."""
