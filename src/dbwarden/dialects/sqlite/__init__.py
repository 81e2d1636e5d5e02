"""SQLite: the schema is read from the texts that SQLite keeps, and tables are rebuilt where ALTER ends."""
