"""Matches: people in some seats, Offramp in the others."""
