"""Every command with its options, from the same tree that `--help` prints."""

import inspect
import re

import click

from offramp.cli import main


def cell(text: str) -> str:
    """Text of a table's cell: one line, in which nothing is markup."""
    return re.sub(r"([\\|*_\[\]<>`])", r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def written(option: click.Option, context: click.Context) -> tuple[str, str]:
    """An option as it is typed, and what it does."""
    typed, does = option.get_help_record(context) or ("", "")
    return code(typed), cell(does)


def of_command(command: click.Command, context: click.Context, level: int) -> list[str]:
    """The section of one command, and below it those of its own commands."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    help_text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    lines = [f"{'#' * level} {context.command_path}", "", "```text", usage, "```", "", help_text, ""]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        lines += ["| option | what it does |", "| --- | --- |"]
        lines += [f"| {typed} | {does} |" for typed, does in (written(option, context) for option in options)]
        lines.append("")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                lines += of_command(below, click.Context(below, context, info_name=name), level + 1)
    return lines


def command_reference() -> str:
    """All commands, in the order of `offramp --help`."""
    context = click.Context(main, info_name="offramp")
    lines = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if command is not None and not command.hidden:
            lines += of_command(command, click.Context(command, context, info_name=name), 2)
    return "\n".join(lines)
