"""The principal branch of logit equilibria: continuation, index and crossings."""
