"""Signals to a whole command, for what only looks: see ``runtime.signals``. Imports nothing that a short command does not."""

from __future__ import annotations

from dbwarden.runtime.signals import ended_in_time as ended_in_time

__all__ = ["ended_in_time"]
