"""The written model: a crisis file, read and checked into a `Crisis`."""
