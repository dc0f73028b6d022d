"""Other people's games: Gambit's `.efg` and `.nfg` files, read, written, and made into a `Game`."""
