"""What a translator needs; nothing of it is installed."""
