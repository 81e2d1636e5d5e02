"""Pure values and functions: standard library and ``dbwarden.errors`` only; no file, socket, clock or environment."""
