"""`offramp solve`: one draw: its equilibrium, all equilibria that can be found, or the limit of perfect play."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.frame import FILE_OR_RUN, JSON, guarded, main, with_progress
from offramp.cli.one_solve import OneSolve, one_solve_options
from offramp.cli.opened_crisis import opened_crisis
from offramp.cli.parameter_types import WHOLE
from offramp.cli.screen import console
from offramp.common.arguments import check_seed
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.crisis.draft_standing import as_json_key

if TYPE_CHECKING:
    from offramp.game.game import Game


@main.command(short_help="Solve a crisis, or a Gambit file, once.")
@FILE_OR_RUN
@one_solve_options
@click.option(
    "--all",
    "starts",
    type=WHOLE,
    default=None,
    metavar="N",
    help="Look for other equilibria from N random starts.",
)
@click.option("--seed", type=WHOLE, default=None, metavar="S", help="Seed of the random starts of --all [1].")
@click.option("--rational", is_flag=True, help="The limit of perfect play, as rationality grows without bound.")
@JSON
@guarded
def solve(asked: OneSolve, starts: int | None, seed: int | None, rational: bool, as_json: bool) -> int:
    """Solve a crisis once, at the medians of its inputs; or a Gambit file (.efg, .nfg)."""
    if rational and starts is not None:
        raise UsageError("--all looks for equilibria at a rationality, --rational at the limit: use one of them")
    if rational and asked.rationality is not None:
        raise UsageError("--rational takes rationality to its limit: leave out --rationality")
    if seed is not None and starts is None:
        raise UsageError("--seed sets the random starts of --all N: give --all, or leave out --seed")
    if (asked.now or asked.supposed) and (rational or starts is not None):
        raise UsageError("--now solves the equilibrium that play follows: leave out --all and --rational")
    if seed is not None:
        check_seed(seed)
    from offramp.gambit.opening import compile_game
    from offramp.gambit.tree import Tree

    crisis = asked.of(opened_crisis(asked.file))
    game = compile_game(crisis, asked.max_nodes)
    given = asked.given(game.crisis)
    if starts is not None:
        code = _solve_all(game, asked.rationality, given, starts, 1 if seed is None else seed, as_json)
    elif rational:
        code = _solve_rational(game, given, as_json)
    else:
        code = _solve_once(game, asked.rationality, given, as_json)
    if isinstance(crisis, Tree) and not as_json and any(a.memory == "state" for a in game.crisis.actors.values()):
        click.echo(tr("imperfect recall: {command} shows who forgets what", command="`offramp check`"))
    return code


def _solve_once(game: Game, rationality: float | None, given: Mapping[str, float], as_json: bool) -> int:
    from offramp.equilibrium.solving import solve as solve_once

    solution = solve_once(game, rationality=rationality, given=given)
    if as_json:
        _print(solution.to_dict() | as_json_key(game.crisis.draft))
    else:
        from offramp.report.terminal import show_solution

        show_solution(console(), solution)
    return 0 if solution.converged else 1


def _solve_all(
    game: Game, rationality: float | None, given: Mapping[str, float], starts: int, seed: int, as_json: bool
) -> int:
    from offramp.equilibrium.multiplicity import equilibria
    from offramp.report.equilibria_table import show_equilibria, widest_difference

    found = with_progress(
        tr("starting"),
        starts,
        lambda progress: equilibria(game, starts, seed=seed, rationality=rationality, given=given, progress=progress),
    )
    if as_json:
        widest = widest_difference(found)
        _print(
            {
                "starts": starts,
                "seed": seed,
                "widest_difference": vars(widest) if widest else None,
                "equilibria": [entry.to_dict() for entry in found],
            }
            | as_json_key(game.crisis.draft)
        )
    else:
        show_equilibria(console(), found, starts)
    return 0 if found else 1


def _solve_rational(game: Game, given: Mapping[str, float], as_json: bool) -> int:
    from offramp.equilibrium.nash_limit import limit

    found = limit(game, given=given)
    if as_json:
        _print(found.to_dict() | as_json_key(game.crisis.draft))
    else:
        from offramp.report.equilibria_table import show_limit

        show_limit(console(), found)
    return 0 if found.solution.converged else 1


def _print(result: dict[str, Any]) -> None:
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))
