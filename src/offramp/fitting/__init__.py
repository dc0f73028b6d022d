"""Numbers of a crisis estimated from recorded cases: by maximum likelihood, and as a posterior."""
