"""The compiler: from a `Crisis` to a `Game`, a layered graph of arrays that serves every draw."""
