"""Access to databases and files: connections, the migrations folder, history, journal, lock, and execution of files."""

import logging

# Without a handler of the application's or of --debug, Python would print warnings to stderr.
logging.getLogger("dbwarden").addHandler(logging.NullHandler())
