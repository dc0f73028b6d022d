"""Gambit's `.efg` and `.nfg` files: reading, writing, and compiling them to a `Game`."""
