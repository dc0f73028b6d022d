"""The widget of `offramp.explore`: its traits, which the page beside it (`explore.js`) shows and sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from offramp.common.errors import UsageError
from offramp.common.numerals import percent, points, quantity, signed
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.editor.cards import InputCard, inputs_of
from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import is_finite
from offramp.crisis.names import capital, names_of
from offramp.equilibrium.solution import Solution
from offramp.notebook.slider_steps import Explored, solve_setting, swings
from offramp.study.standing import SURE, divided, status_of

FIRST = 12
"""Maximum number of inputs that are shown at once; the others are behind a fold."""
NOTICED = 0.0005
"""An input that moves no ending by as much is behind the fold."""
ASKED = ("given", "levers", "_asked", "_rests")
"""What a page may set."""
TEXTS = {
    "reset": tr("Reset"),
    "levers": tr("Levers"),
    "inputs": tr("Inputs"),
    "avoid": tr("to be avoided"),
    "basis": tr(
        "A model’s numbers, at the medians of the inputs that you do not move. Mark and difference, in points: against"
        " all medians."
    ),
    "back": tr("Back to the median"),
    "at_median": tr("{value}, the median"),
    "taken": tr("set by a lever"),
    "late": tr("Python has not answered yet: it is busy with another cell, or has stopped."),
}
"""What the page says of any crisis; it fills in `{value}`."""
HERE = Path(__file__).parent


def _held(given: object, _: object) -> dict[str, float]:
    """The values that a page can show, of whatever was set."""
    pairs = given.items() if isinstance(given, Mapping) else ()
    return {str(name): float(value) for name, value in pairs if is_finite(value)}


def _names(levers: object, _: object) -> list[str]:
    """The levers that a page can show, of whatever was set."""
    return [name for name in levers if isinstance(name, str)] if isinstance(levers, list | tuple) else []


class Explorer(anywidget.AnyWidget):
    """A crisis with sliders and levers beside its endings; `offramp.explore` makes it.

    `given`: numbers of the inputs that are held, by key; `levers`: keys of the levers that are pulled, in this order.
    Set either to a new value to change what is shown. `solution`: the solution of the setting, None if it cannot be
    solved; `endings`: its probabilities by key, empty without one. `message`: what is wrong, or else empty.

    While a slider moves, `solution` is found from the one at the medians; when it rests, or a trait is set, it is
    that of `offramp.solve`, to the bit.
    """

    _esm = HERE / "explore.js"
    _css = HERE / "explore.css"

    given: Any = traitlets.Any().tag(sync=True, to_json=_held)
    levers: Any = traitlets.Any().tag(sync=True, to_json=_names)
    endings: Any = traitlets.Dict(read_only=True).tag(sync=True)
    message: Any = traitlets.Unicode(read_only=True).tag(sync=True)
    solution: Any = traitlets.Any(read_only=True)

    _crisis = traitlets.Dict().tag(sync=True)
    """What does not change: the names, the sliders and the endings at the medians, for the page."""
    _asked = traitlets.Int(0).tag(sync=True)
    """The number of the page's latest question."""
    _rests = traitlets.Bool(True).tag(sync=True)
    """Whether the slider rests that the page asked about."""
    _answer = traitlets.Dict().tag(sync=True)
    """What the page shows of the setting; `asked`: the question that it answers; `step`: the number of the solve."""

    def __init__(self, settings: Explored, given: Mapping[str, float], levers: Sequence[str]) -> None:
        self._settings = settings
        self._solved: tuple[object, ...] = ()
        super().__init__(given=given, levers=levers, _crisis=_described(settings))
        self._solve()
        self.observe(lambda _: self._solve(), ["given", "levers", "_asked"])

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a page sends: its question, and nothing that only Python sets."""
        super().set_state({name: value for name, value in sync_data.items() if name in ASKED})

    def _solve(self) -> None:
        """Solve what is set, if it is not solved yet, and say what came of it."""
        moving = self._asked != self._answer.get("asked", 0) and not self._rests
        wanted = (repr(self.given), repr(self.levers), moving)
        if wanted == self._solved:
            self._answer = self._answer | {"asked": self._asked}
            return
        solution, message = None, ""
        try:
            solution = solve_setting(self._settings, self.given, self.levers, traced=not moving)
        except CrisisError as error:
            message = tr("not possible at these values: {fault}", fault=error.faults[0].message)
        except UsageError as error:
            message = str(error)
        self._solved = wanted
        with self.hold_sync():
            self.set_trait("solution", solution)
            self.set_trait("endings", {} if solution is None else dict(solution.endings))
            self.set_trait("message", printable(message))
            said = {"asked": self._asked, "rests": not moving, "step": self._answer.get("step", 0) + 1}
            self._answer = _answer_of(self._settings, solution, message) | said

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget; where none can be shown, as on a printed page, the endings as a table."""
        found = super()._repr_mimebundle_(**kwargs)
        if found is None or self.solution is None:
            return found
        crisis = self.solution.game.crisis
        levers = tr("Levers: {levers}.", levers=listed(names_of(crisis).pulled)) if crisis.pulled else ""
        table = (f"<p>{escape(levers)}</p>" if levers else "") + self.solution._repr_html_()
        return found[0] | {"text/plain": repr(self), "text/html": table}, found[1]

    def __repr__(self) -> str:
        return printable(self.message) if self.solution is None else repr(self.solution)


def _answer_of(settings: Explored, solution: Solution | None, message: str) -> dict[str, Any]:
    """A solution in numbers and words for the page; without one, only why."""
    if solution is None:
        message = printable(f"{capital(message)}.")
        return {"message": message, "warning": "", "said": message, "endings": [], "measures": []}
    names, before = names_of(settings.game.crisis), settings.reference
    endings = [
        {"share": share, "shown": percent(share), "change": points(share - before.endings[key])}
        for key, share in solution.endings.items()
    ]
    measures = [
        {"shown": quantity(amount), "change": signed(amount - before.measures[key])}
        for key, amount in solution.measures.items()
    ]
    status = status_of(solution)
    warning = SURE[status] if status in ("unconverged", "other branch", "bifurcation") else ""
    if status == "bifurcation":
        warning = f"{warning} {divided(solution)}"
    parts = listed(
        (
            tr("{ending} {share}, {change} points", ending=names.endings[key], share=row["shown"], change=row["change"])
            for key, row in zip(solution.endings, endings, strict=True)
        ),
        20,
    )
    said = f"{warning} {capital(parts)}.".strip()
    return {"message": "", "warning": warning, "said": said, "endings": endings, "measures": measures}


def _described(settings: Explored) -> dict[str, Any]:
    """What the page shows of a crisis in every setting of it."""
    crisis, names, reference = settings.game.crisis, names_of(settings.game.crisis), settings.reference
    order_said = tr(
        "Those that move the endings most come first. Beside a name: by how many points an ending changes between the"
        " input’s 10% and 90% quantile."
    )
    try:
        moved = swings(settings.game)
    except CrisisError as error:
        moved = {}
        order_said = tr("The inputs are in the order of the file: {fault}", fault=error.faults[0].message)
    cards = {card.name: card for card in inputs_of(crisis)}
    order = [*moved, *(name for name in cards if name not in moved)]
    first = min(sum(change >= NOTICED for change in moved.values()) or len(order), FIRST)
    return {
        "title": printable(crisis.title),
        "texts": TEXTS,
        "order": order_said,
        "first": first,
        "more": trn("{count} more", "{count} more", len(order) - first),
        "inputs": [_input(cards[name], names.inputs[name], moved.get(name)) for name in order],
        "levers": [
            {
                "key": lever.key,
                "name": names.levers[lever.key],
                "says": printable(lever.says or ""),
                "sets": [names.inputs[name] for name in lever.sets],
                "fixed": lever.key in crisis.pulled,
            }
            for lever in crisis.levers.values()
        ],
        "endings": [
            {
                "key": ending.key,
                "name": names.endings[ending.key],
                "avoid": ending.avoid,
                "share": reference.endings[ending.key],
            }
            for ending in crisis.endings
        ],
        "measures": [
            {"key": one.key, "name": names.measures[one.key], "unit": printable(one.unit or "")}
            for one in crisis.measures
        ],
    }


def _input(card: InputCard, name: str, moved: float | None) -> dict[str, Any]:
    """What the page shows of an input; `moved`: how far it moves an ending, None if it is not known."""
    moves = "" if moved is None else points(moved).removeprefix("+")
    return {
        "key": card.name,
        "name": name,
        "says": printable(card.says or ""),
        "unit": printable(card.unit or ""),
        "low": card.low,
        "high": card.high,
        "median": card.median,
        "back": tr("{input}: back to the median", input=name),
        "moves": moves,
        "moves_said": tr("moves an ending by {change} points", change=moves),
    }
