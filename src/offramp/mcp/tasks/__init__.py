"""What worker processes compute for the tools, with plain values in and out; slow modules load inside functions."""
