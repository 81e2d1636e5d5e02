"""Code that dialects share. A vendor derives from ``base.dialect`` and writes only its differences."""
