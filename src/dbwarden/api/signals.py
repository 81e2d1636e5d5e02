"""Signals to a command that only reads (``runtime.signals``); imports nothing that makes a short command slow."""

from __future__ import annotations

from dbwarden.runtime.signals import end_after

__all__ = ["end_after"]
