"""The real parts on this machine without containers: one object each.

Used by `make demo` and by the tests alike.
"""
