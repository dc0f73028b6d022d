"""Rival drafts of one document, and the alignment of their actors, options and endings."""
