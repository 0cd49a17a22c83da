"""Handing the feed's messages to machines and people: who is sent what, each attempt, and what came of it."""
