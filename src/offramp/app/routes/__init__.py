"""The HTTP routes of the workbench, one module a topic."""
