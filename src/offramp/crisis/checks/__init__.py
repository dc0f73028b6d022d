"""Checks of a crisis that need no game: cites, sources, facts that nothing depends on."""
