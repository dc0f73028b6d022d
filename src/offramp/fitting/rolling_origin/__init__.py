"""Forecasts of recorded cases from earlier cases only, and how good they are: a backtest."""
