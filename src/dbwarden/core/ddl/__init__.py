"""Parser of SQL statements: a cursor over tokens, ``parse`` to ``Statement``, and a schema that statements change."""
