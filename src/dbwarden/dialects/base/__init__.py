"""Code that dialects share. A vendor derives from ``base.dialect`` and implements only its differences."""
