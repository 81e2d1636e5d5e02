"""Use cases: options in, a report (frozen, documented, JSON-able) out, nothing printed. One file each.

What this package offers to programs is re-exported by ``dbwarden`` itself.
"""
