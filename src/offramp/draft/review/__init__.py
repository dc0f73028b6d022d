"""A person reads a draft record by record, and decides."""
