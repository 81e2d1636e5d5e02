"""Configuration of the example: one SQLite database. For PostgreSQL, change the type and the URL."""

from dbwarden import database_config

primary = database_config(
    database_name="primary",
    default=True,
    database_type="sqlite",
    database_url_sync="sqlite:///./notes.db",
    model_paths=["app/models.py"],
)
