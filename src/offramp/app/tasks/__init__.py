"""What the worker processes of the workbench compute: plain values in and out."""
