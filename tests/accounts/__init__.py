"""Accounts of crises, what a reader finds in each, and how a draft made of one is scored."""
