"""Scores and places of an edition (版次, rules 10 and 11): read from alerts' own tables, summed in pure modules."""
