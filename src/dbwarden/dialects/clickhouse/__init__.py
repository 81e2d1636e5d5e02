"""ClickHouse 23.3 and later, and chDB."""
