"""Use cases, one per module: each takes options, returns a report (a frozen dataclass), and prints nothing.

``dbwarden`` re-exports the functions and reports that programs may use.
"""
