"""Promises of each crisis of the gallery."""
