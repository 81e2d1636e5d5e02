"""The user's SQLAlchemy models: imported (``discover``) and read into a schema (``read``)."""
