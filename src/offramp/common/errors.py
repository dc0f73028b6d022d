"""Errors that a user of Offramp can cause."""

from __future__ import annotations


class OfframpError(Exception):
    """Base of every error that a user of Offramp can cause."""


class UsageError(OfframpError):
    """A request that does not fit the crisis: an unknown input, lever or a value out of range."""
