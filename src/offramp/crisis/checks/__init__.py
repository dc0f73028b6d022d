"""Checks of a crisis that need no game: cites, sources, and facts that affect nothing."""
