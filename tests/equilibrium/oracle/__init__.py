"""The compiled core's loops in plain Python, one draw in each lane of a NumPy array: slow, and the same bits."""
