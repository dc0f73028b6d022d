"""Logit equilibria of a game: kernel, sweeps, certificate, and the solution of one draw."""
