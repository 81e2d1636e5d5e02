"""Signals to a command that only reads (``runtime.signals``); imports nothing that makes a short command slow."""

from __future__ import annotations

from dbwarden.runtime.signals import ended_in_time as ended_in_time

__all__ = ["ended_in_time"]
