"""The user's SQLAlchemy models: found (``discover``) and read into a schema (``read``)."""
