"""Reads the bytes of a crisis file into a YAML document and checks its shape."""
