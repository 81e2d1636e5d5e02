"""Who learns of a run besides its caller: OpenTelemetry, and the notification hook."""
