"""Tasks of the workbench's worker processes, with plain values in and out."""
