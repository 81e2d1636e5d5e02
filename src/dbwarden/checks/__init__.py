"""Rules about SQL that is safe to run, one file each in ``rules``."""
