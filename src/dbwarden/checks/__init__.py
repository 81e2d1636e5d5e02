"""Rules that check SQL for safety, one module each in ``rules``."""
