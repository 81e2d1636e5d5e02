"""SQLite: reads the schema from the CREATE texts that SQLite stores, and rebuilds tables that ALTER TABLE cannot change."""
