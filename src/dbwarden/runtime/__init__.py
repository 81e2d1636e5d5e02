"""Connections, the migrations folder, history, journal, lock, and running files: what touches databases and disks."""

import logging

# Quiet unless the application, or --debug, says where the log goes: else Python prints warnings to stderr.
logging.getLogger("dbwarden").addHandler(logging.NullHandler())
