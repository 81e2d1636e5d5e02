"""Connections, the migrations folder, history, journal, lock, and running files: what touches databases and disks."""
