"""The command line: flags -> api -> view. Only this package imports Typer and Rich."""
