"""The command line: one module per command or group of commands. Each adds its commands to `main`."""

from offramp.cli import (
    app_command,
    check_command,
    compare_command,
    endings_command,
    explain_commands,
    export_command,
    forecast_command,
    levers_command,
    map_command,
    play_command,
    report_command,
    run_command,
    runs_commands,
    solve_command,
    trace_command,
    update_command,
    weigh_command,
)
from offramp.cli.frame import main

__all__ = [
    "app_command",
    "check_command",
    "compare_command",
    "endings_command",
    "explain_commands",
    "export_command",
    "forecast_command",
    "levers_command",
    "main",
    "map_command",
    "play_command",
    "report_command",
    "run_command",
    "runs_commands",
    "solve_command",
    "trace_command",
    "update_command",
    "weigh_command",
]
