"""Findings and runs for readers: in a terminal, as files, as one HTML page."""
