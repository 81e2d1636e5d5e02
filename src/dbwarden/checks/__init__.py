"""What is safe to run: rules that judge SQL text, one file each in ``rules``."""
