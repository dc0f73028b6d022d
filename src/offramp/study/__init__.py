"""The questions an analyst asks of a run or a crisis; each answer is a `Finding`."""
