"""When a person is told what, and what at once: grouping, quiet hours, digests; and the log of what was told."""
