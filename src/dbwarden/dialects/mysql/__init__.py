"""MySQL and MariaDB: one dialect with two flavours."""
