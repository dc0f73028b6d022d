"""`offramp.explore`: a crisis with sliders and levers beside its endings, in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from offramp.common.errors import UsageError
from offramp.gambit.opening import Playable
from offramp.notebook.slider_steps import explored

if TYPE_CHECKING:
    from offramp.notebook.explorer import Explorer


def explore(crisis: Playable, *, given: Mapping[str, float] | None = None, levers: Sequence[str] = ()) -> Explorer:
    """Show a crisis in a notebook: sliders for its inputs and switches for its levers, beside its endings.

    Each step of a slider solves the crisis again, at the medians of all other inputs. The inputs that move the endings
    most between their 10 % and 90 % quantiles come first.

    Parameters
    ----------
    crisis
        A crisis, compiled or not, a game of Gambit, or a run.
    given
        Values for inputs to begin with, in place of their medians.
    levers
        Levers to begin with, besides those that the crisis has pulled.

    Returns
    -------
    A widget of Jupyter, VS Code and marimo. Its `given` and `levers` can be read and set; `endings` and `solution` are
    those of the setting that is shown.

    Raises
    ------
    UsageError
        If anywidget is not installed, or an input or a lever is unknown.
    CrisisError
        If the values make odds or payments impossible.
    """
    if find_spec("anywidget") is None:
        raise UsageError("`explore` needs anywidget: pip install 'offramp[notebook]'")
    settings = explored(crisis)
    from offramp.notebook.explorer import Explorer

    explorer = Explorer(settings, dict(given or {}), list(levers))
    if explorer.message:
        raise UsageError(explorer.message)
    return explorer
