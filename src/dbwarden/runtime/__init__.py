"""Access to databases and files: connections, the migrations folder, history, journal, lock, and execution of files."""
