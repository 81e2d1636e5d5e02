"""Writes the source of SQLAlchemy models from a schema."""
