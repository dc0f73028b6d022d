"""Helpers that know nothing of crises: atomic writes, bounded reads, printable text, number formats."""
