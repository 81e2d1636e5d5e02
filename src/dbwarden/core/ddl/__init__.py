"""The one reader of SQL statements: a cursor over tokens, ``parse`` -> ``Statement``, and a schema that statements change."""
