"""Forecasts, how they came out, and what they were worth."""
