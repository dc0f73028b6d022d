"""`offramp completion SHELL`: completion of commands, options, files and names in bash, zsh and fish.

The printed function gives the line up to the cursor to `offramp`, and gets lines `KIND,WORD`: a word, or what kind of
path the shell itself is to complete.
"""

from __future__ import annotations

import os
from typing import ClassVar

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, split_arg_string

from offramp.cli.frame import COMPLETION, guarded, main

BASH = r"""_offramp_completion() {
    local IFS=$'\n' line word
    COMPREPLY=()
    for line in $(COMP_LINE="${COMP_LINE:0:COMP_POINT}" _OFFRAMP_COMPLETE=bash_complete "$1" 2>/dev/null); do
        word=${line#*,}
        case ${line%%,*} in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            *) COMPREPLY+=("$word"); [[ $word != *= ]] || compopt -o nospace ;;
        esac
    done
}
complete -o nosort -F _offramp_completion offramp
"""
ZSH = r"""#compdef offramp
_offramp_completion() {
    local line word typed="${(j: :)words[1,CURRENT-1]} $PREFIX"
    for line in "${(@f)$(COMP_LINE="$typed" _OFFRAMP_COMPLETE=zsh_complete $words[1] 2>/dev/null)}"; do
        word=${line#*,}
        case ${line%%,*} in
            dir) _path_files -/ ;;
            file) _path_files ;;
            plain) if [[ $word == *= ]]; then compadd -S '' -- $word; else compadd -V offramp -- $word; fi ;;
        esac
    done
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _offramp_completion "$@"
else
    compdef _offramp_completion offramp
fi
"""
FISH = r"""function _offramp_completion
    set -l typed (commandline -cp)
    for line in (env COMP_LINE="$typed" _OFFRAMP_COMPLETE=fish_complete offramp 2>/dev/null)
        set -l part (string split -m 1 , -- $line)
        switch $part[1]
            case dir
                __fish_complete_directories $part[2]
            case file
                __fish_complete_path $part[2]
            case '*'
                echo $part[2]
        end
    end
end
complete --no-files --command offramp --arguments '(_offramp_completion)'
"""


class ShellWords(ShellComplete):
    """Completion of a line in a shell; whatever goes wrong, the shell shows nothing."""

    source_template = ""
    parted: ClassVar[bool] = False
    """Whether the shell replaces only what follows the last `=`."""

    def source(self) -> str:
        return self.source_template

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ.get("COMP_LINE", "")
        words = split_arg_string(line)
        self.typed = "" if len(words) < 2 or line[-1:].isspace() else words.pop()
        return words[1:], self.typed

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        try:
            return super().get_completions(args, incomplete)
        except Exception:  # a message would stand in the middle of what is being typed
            return []

    def format_completion(self, item: CompletionItem) -> str:
        word = str(item.value)
        if self.parted and "=" in self.typed:
            word = word.removeprefix(self.typed[: self.typed.rfind("=") + 1])
        return f"{item.type},{word}"


class BashWords(ShellWords):
    """Completion in bash, for which `=` separates words."""

    name = "bash"
    source_template = BASH
    parted = True


class ZshWords(ShellWords):
    """Completion in zsh."""

    name = "zsh"
    source_template = ZSH


class FishWords(ShellWords):
    """Completion in fish."""

    name = "fish"
    source_template = FISH


SHELLS = (BashWords, ZshWords, FishWords)
for shell in SHELLS:
    add_completion_class(shell)


@main.command(short_help="Complete commands, files and names in your shell.")
@click.argument("shell", type=click.Choice([shell.name for shell in SHELLS]))
@guarded
def completion(shell: str) -> None:
    """Print what makes a shell complete commands, options, crisis files, runs, and the names that a crisis declares.

    \b
    bash   offramp completion bash >> ~/.bashrc
    zsh    offramp completion zsh > "${fpath[1]}/_offramp"
    fish   offramp completion fish > ~/.config/fish/completions/offramp.fish

    It works in new shells. A file with mistakes still offers its names; names of a game of Gambit are not offered.
    """  # noqa: D301
    chosen = next(each for each in SHELLS if each.name == shell)
    click.echo(chosen(main, {}, "offramp", COMPLETION).source(), nl=False)
