"""Objections (异议) to a light of record or a target of a series, and the office's answers.

Objections to a ticket are acts of its table (rule 8). Nothing here moves a light: what follows is an act of its own.
"""
