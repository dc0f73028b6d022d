"""The processes of the workbench: pools of workers, and runs as child processes."""
