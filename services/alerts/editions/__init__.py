"""Editions of scores (版次, rules 10 and 11): read from alerts' own tables, summed in pure modules, shown and drawn."""
