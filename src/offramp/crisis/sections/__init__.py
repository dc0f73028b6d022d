"""Readers of the sections of a crisis file: names, timeline, odds, payoffs, endings, levers."""
