"""Command line: parses options, calls ``api``, and shows its report. Only this package imports Typer and Rich."""
