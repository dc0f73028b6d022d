"""Experts' quantiles of numbers that nobody knows: their weights, their pools, and distributions of inputs."""
