"""Helpers without knowledge of crises: files written whole, bounded reading, safe text, numbers in words."""
