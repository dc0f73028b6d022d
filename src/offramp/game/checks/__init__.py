"""Checks of a crisis that need its game: warnings, revealed facts, impossible observations."""
