"""Logit equilibria of a game: sweeps, the principal branch, certificates, and the solution of one draw."""
