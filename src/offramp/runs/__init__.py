"""Many draws: sampling the inputs, solving the games, and runs that survive interruption."""
