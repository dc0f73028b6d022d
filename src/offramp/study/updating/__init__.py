"""What changes with what is now known? (Bayesian updating)"""
