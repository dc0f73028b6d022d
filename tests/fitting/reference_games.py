"""Models of R's package `games` in the crisis language, and their log-likelihood in plain NumPy, as an oracle.

A formula has one part for each payoff, in the order of `UTILITIES`, and one or two more for the logarithm of the scale
of the shocks (Kenkel & Signorino 2014, *Journal of Statistical Software* 56(8)).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from tests.reference_data import DATA

Array = NDArray[np.float64]

UTILITIES = {
    "egame12": ((1, "stop"), (1, "yield"), (1, "fight"), (2, "fight")),
    "egame122": ((1, "LL"), (1, "LR"), (1, "RL"), (1, "RR"), (2, "LR"), (2, "RR")),
    "egame123": ((1, "1"), (1, "3"), (1, "5"), (1, "6"), (2, "3"), (2, "5"), (2, "6"), (3, "6")),
}
"""The payoffs of each game: player and ending. Those of the other endings are 0."""
TIMELINES = {
    "egame12": """\
  - {move: first, by: one, options: [stop, go]}
  - {move: second, by: two, if: first == go, options: [yield, fight]}
""",
    "egame122": """\
  - {move: first, by: one, options: [left, right]}
  - {move: second, by: two, options: [left, right]}
""",
    "egame123": """\
  - {move: first, by: one, options: [stop, go]}
  - {move: second, by: two, if: first == go, options: [stop, go]}
  - {move: third, by: three, if: second == go, options: [stop, go]}
""",
}
ENDINGS = {
    "egame12": {"stop": "first == stop", "yield": "second == yield", "fight": "second == fight"},
    "egame122": {
        f"{first[0].upper()}{second[0].upper()}": f"first == {first} and second == {second}"
        for first in ("left", "right")
        for second in ("left", "right")
    },
    "egame123": {"1": "first == stop", "3": "second == stop", "5": "third == stop", "6": "third == go"},
}
RECORDS = {
    "war1800": """\
  observed:
    esc: {0: {first: stop}, 1: {first: go}}
    war: {0: {second: [yield, skipped]}, 1: {second: fight}}
""",
    "leblang2003": """\
  observed: {outcome: {no attack: {first: stop}, devaluation: {second: yield}, defense: {second: fight}}}
  cluster: nation
  time: year
""",
    "data_122": """\
  observed:
    y:
      LL: {first: left, second: left}
      LR: {first: left, second: right}
      RL: {first: right, second: left}
      RR: {first: right, second: right}
""",
    "data_123": """\
  observed: {y: {1: {first: stop}, 3: {second: stop}, 5: {third: stop}, 6: {third: go}}}
""",
}


@dataclass(frozen=True)
class ReferenceFit:
    """A fit of R's package: `terms`, by payoff and scale, are columns, levels of columns, or `(Intercept)`."""

    name: str
    game: str
    rule: str
    data: str
    terms: tuple[tuple[str, ...], ...]
    fixed: bool
    log_likelihood: float
    estimates: Array
    errors: Array
    table: Mapping[str, NDArray[np.generic]]

    @property
    def payoffs(self) -> tuple[tuple[int, str], ...]:
        """The player and ending of each payoff."""
        return UTILITIES[self.game]

    @property
    def scales(self) -> tuple[tuple[str, ...], ...]:
        """The terms of the logarithms of the shocks' scales."""
        return self.terms[len(self.payoffs) :]


@cache
def table_of(name: str) -> Mapping[str, NDArray[np.generic]]:
    """A data set by column: numbers, or text with empty cells."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, NDArray[np.generic]] = {}
    for column in rows[0]:
        cells = [row[column] for row in rows]
        try:
            columns[column] = np.array([float(cell or "nan") for cell in cells])
        except ValueError:
            columns[column] = np.array(["" if cell == "NA" else cell for cell in cells])
    return columns


def reference_fits() -> dict[str, ReferenceFit]:
    """The fits of the three games by name: the more exact of two, where R was also run at a smaller tolerance."""
    with (DATA / "games_reference_fits.csv").open(encoding="utf-8", newline="") as file:
        fits = {row["model_id"]: row for row in csv.DictReader(file) if row["fun"] in UTILITIES}
    with (DATA / "games_reference_coefficients.csv").open(encoding="utf-8", newline="") as file:
        coefficients = list(csv.DictReader(file))
    found = {}
    for name, row in fits.items():
        if f"{name}_tight" in fits:
            continue
        rows = [part for part in coefficients if part["model_id"] == name]
        data = {"war": "war1800", "d12": f"data_{name[1:4]}", "leb": "leblang2003"}[name[:3]]
        table = _rows_used(name, data, int(row["nobs"]))
        fixed = any(part["fixed"] == "1" for part in rows)
        parts = row["formula"].split("~", 1)[1].split("|")
        plain = name.removesuffix("_tight")
        found[plain] = ReferenceFit(
            name=plain,
            game=row["fun"],
            rule="private" if row["type"] == "private" else row["link"],
            data=data,
            terms=tuple(_terms(part, table) for part in parts),
            fixed=fixed,
            log_likelihood=float(row["loglik"]),
            estimates=np.array([float(part["estimate"]) for part in rows]),
            errors=np.array([float(part["se"].replace("NA", "nan")) for part in rows]),
            table=table,
        )
    return found


def _rows_used(name: str, data: str, cases: int) -> Mapping[str, NDArray[np.generic]]:
    """The rows of a data set that R used: the published examples drop some before the fit."""
    table = table_of(data)
    kept = np.ones(len(next(iter(table.values()))), dtype=bool)
    if data == "war1800" and cases < len(kept):
        kept = (table["regime1"] != "") & (table["regime2"] != "")
        if "1850" in name:
            kept &= table["year"] >= 1850
    assert kept.sum() == cases, (name, kept.sum(), cases)
    return {column: cells[kept] for column, cells in table.items()}


def _terms(part: str, table: Mapping[str, NDArray[np.generic]]) -> tuple[str, ...]:
    """The terms of one part of a formula, in R's order; a text column stands for its levels but the first."""
    if part.strip() == "0":
        return ()
    part, bare = part.replace("- 1", ""), "- 1" in part
    terms = [] if bare else ["(Intercept)"]
    for word in (word.strip() for word in part.split("+")):
        if word in table and table[word].dtype.kind == "U":
            terms += [f"{word}.{level}" for level in levels_of(table[word])]
        elif word != "1":
            terms.append(word)
    return tuple(terms)


def levels_of(cells: NDArray[np.generic]) -> list[str]:
    """The levels of a text column but the first, which is the base in R."""
    return sorted({str(cell) for cell in cells if cell != ""})[1:]


def crisis_text(fit: ReferenceFit) -> str:
    """The model as a crisis file."""
    columns = sorted({term.split(".")[0] for part in fit.terms for term in part} - {"(Intercept)"})
    inputs = []
    for column in columns:
        cells = fit.table[column]
        if cells.dtype.kind == "U":
            levels = levels_of(cells)
            inputs.append(f"  {column}: {{is: {levels[0]}, column: {column}, levels: [{', '.join(levels)}]}}")
        else:
            inputs.append(f"  {column}: {{is: 0, column: {column}}}")
    payoffs: dict[int, list[str]] = {}
    estimates = iter(fit.estimates)
    for (player, ending), terms in zip(fit.payoffs, fit.terms, strict=False):
        if not terms:
            continue
        name = f"u{player}_{ending}"
        condition = ENDINGS[fit.game][ending]
        if fit.fixed:
            payoffs.setdefault(player, []).append(f"{name}: ({next(estimates)!s}) * ({condition})")
            continue
        inputs.append(_estimated(name, terms))
        payoffs.setdefault(player, []).append(f"{name}: {name} * ({condition})")
    names = ("one", "two", "three")[: 1 + (fit.game != "egame123") + 2 * (fit.game == "egame123")]
    for place, terms in enumerate(fit.scales, start=1):
        inputs.append(_estimated(f"s{place}", terms))
    actors = []
    for place, actor in enumerate(names):
        scale = f"s{min(place + 1, len(fit.scales))}"
        rationality = f"exp(-{scale})" if fit.scales else repr(float(np.sqrt(0.5))) if fit.rule == "logit" else "1"
        actors.append(f"  {actor}: {{name: {actor}, choice: {fit.rule}, rationality: {rationality}}}")
    return "\n".join(
        [
            "format: 1",
            f"title: {fit.name}",
            "actors:",
            *actors,
            "inputs:",
            *inputs,
            f"timeline:\n{TIMELINES[fit.game]}payoffs:",
            *[f"  {names[player - 1]}: {{{', '.join(terms)}}}" for player, terms in payoffs.items()],
            f"cases:\n{RECORDS[fit.data]}endings:",
            *[f"  on_{ending}: {condition}" for ending, condition in list(ENDINGS[fit.game].items())[:-1]],
            f"  on_{list(ENDINGS[fit.game])[-1]}: otherwise",
            "",
        ]
    )


def _estimated(name: str, terms: tuple[str, ...]) -> str:
    if terms == ("(Intercept)",):
        return f'  {name}: {{is: "normal(0, 5)", estimate: yes}}'
    entries = ["1" if term == "(Intercept)" else term for term in terms]
    return f'  {name}: {{linear: [{", ".join(entries)}], is: "normal(0, 5)"}}'


def naive_log_probabilities(fit: ReferenceFit, estimates: Array) -> Array:
    """The log-probability of each case's record by R's formulas, (cases,): as simple as it can be written.

    Real or complex estimates, so that derivatives are a complex step.
    """
    rest = np.asarray(estimates)
    cases = len(next(iter(fit.table.values())))
    amounts: list[Array] = []
    for terms in fit.terms:
        amounts.append(sum((rest[place] * _column(fit, term) for place, term in enumerate(terms)), np.zeros(cases)))
        rest = rest[len(terms) :]
    utilities, scales = amounts[: len(fit.payoffs)], [np.exp(amount) for amount in amounts[len(fit.payoffs) :]]
    sd = [scales[min(player, len(scales) - 1)] if scales else np.ones(cases) for player in range(3)]
    log_odds = {"egame12": _egame12, "egame122": _egame122, "egame123": _egame123}[fit.game](fit.rule, utilities, sd)
    ending = _recorded_ending(fit)
    return np.choose(ending, log_odds)


def _column(fit: ReferenceFit, term: str) -> Array:
    if term == "(Intercept)":
        return np.ones(len(next(iter(fit.table.values()))))
    column, _, level = term.partition(".")
    return np.asarray(fit.table[column] == level if level else fit.table[column], dtype=np.float64)


def _recorded_ending(fit: ReferenceFit) -> NDArray[np.int64]:
    if fit.data == "war1800":
        return np.where(fit.table["esc"] == 0, 0, np.where(fit.table["war"] == 1, 2, 1))
    if fit.data == "leblang2003":
        names: list[str | float] = ["no attack", "devaluation", "defense"]
        outcome = fit.table["outcome"]
    else:
        names = ["LL", "LR", "RL", "RR"] if fit.data == "data_122" else [1.0, 3.0, 5.0, 6.0]
        outcome = fit.table["y"]
    return np.select([outcome == name for name in names], list(range(len(names))))


def _log_chosen(rule: str, difference: Array, own: Array, squares: Array) -> Array:
    """The log-probability of an option by the difference of its value; `squares`: of shares, if shocks are private."""
    if rule == "logit":
        return -np.log1p(np.exp(-difference / (own * np.sqrt(2.0))))
    return log_ndtr(difference / (own * np.sqrt(squares if rule == "private" else 2.0)))


def _egame12(rule: str, u: list[Array], sd: list[Array]) -> list[Array]:
    fight, give = (_log_chosen(rule, sign * u[3], sd[1], 2.0) for sign in (1.0, -1.0))
    ahead = np.exp(fight) * u[2] + np.exp(give) * u[1] - u[0]
    squares = 1.0 + np.exp(2.0 * fight) + np.exp(2.0 * give)
    go, stop = (_log_chosen(rule, sign * ahead, sd[0], squares) for sign in (1.0, -1.0))
    return [stop, go + give, go + fight]


def _egame122(rule: str, u: list[Array], sd: list[Array]) -> list[Array]:
    left = [_log_chosen(rule, sign * u[4], sd[1], 2.0) for sign in (-1.0, 1.0)]
    right = [_log_chosen(rule, sign * u[5], sd[1], 2.0) for sign in (-1.0, 1.0)]
    shares = [np.exp(part) for part in left + right]
    ahead = shares[2] * u[2] + shares[3] * u[3] - shares[0] * u[0] - shares[1] * u[1]
    squares = sum(share**2 for share in shares)
    go_left, go_right = (_log_chosen(rule, sign * ahead, sd[0], squares) for sign in (-1.0, 1.0))
    return [go_left + left[0], go_left + left[1], go_right + right[0], go_right + right[1]]


def _egame123(rule: str, u: list[Array], sd: list[Array]) -> list[Array]:
    third_stop, third_go = (_log_chosen(rule, sign * u[7], sd[2], 2.0) for sign in (-1.0, 1.0))
    five, six = np.exp(third_stop), np.exp(third_go)
    ahead = five * u[5] + six * u[6] - u[4]
    squares = 1.0 + five**2 + six**2
    second_stop, second_go = (_log_chosen(rule, sign * ahead, sd[1], squares) for sign in (-1.0, 1.0))
    three, on = np.exp(second_stop), np.exp(second_go)
    ahead = three * u[1] + on * (five * u[2] + six * u[3]) - u[0]
    squares = 1.0 + three**2 + (on * five) ** 2 + (on * six) ** 2
    first_stop, first_go = (_log_chosen(rule, sign * ahead, sd[0], squares) for sign in (-1.0, 1.0))
    return [first_stop, first_go + second_stop, first_go + second_go + third_stop, first_go + second_go + third_go]
