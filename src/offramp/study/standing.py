"""How sure a computation is, in sentences: what a solve's status means, and what is known of a run's draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from offramp.common.numerals import percent, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import names_of
from offramp.equilibrium.branch.traced import STATUSES, Status
from offramp.equilibrium.logit import TRUSTED
from offramp.equilibrium.several_starts import may_have_several
from offramp.equilibrium.structure import structure_of
from offramp.study.choice_words import rules_in_words

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.runs.result import Run

HOW_SURE = tr("How sure is the computation")
"""The heading over the technical lines, which come last."""
ONE_OF_THEM = tr("The numbers are those of one of these branches; no branch is likelier than another.")
ROUNDED = tr(
    "the payoffs come from numbers so large that rounding hides the differences that matter at this rationality. Leave"
    " out what every option pays, or write the payoffs in a larger unit, with a rationality to match."
)
SURE: Mapping[Status, str] = {
    "principal": tr("The solve converged: the numbers are those of an equilibrium."),
    "bifurcation": tr("The solve converged, but the game has several equilibria, and the model chooses none."),
    "other branch": tr("The solve converged, but to another equilibrium than the principal branch leads to."),
    "not traced": tr("The solve converged, but whether the principal branch leads to its equilibrium is not known."),
    "unconverged": tr("The solve did not converge: the numbers are not those of an equilibrium."),
}
"""For each status one plain sentence."""
STANDING: Mapping[Status, str] = {
    "principal": tr("It lies on the principal branch: play at random leads to it as all actors grow more rational."),
    "other branch": tr("It is not where the principal branch leads, the one that begins with play at random."),
    "not traced": tr("The principal branch could not be followed this far: whether it leads here is not known."),
    "unconverged": tr("This is no equilibrium; try a lower rationality."),
}
"""For each status what it means, in technical terms; of a bifurcation `divided` says it."""
ALONE = tr(
    "It is the only equilibrium: every mover knows where play stands, so the game is solved backward from its end."
)
NO_NUMBERS = tr("No draw converged: there are no numbers.")
"""The answer of a study of draws none of which converged."""
MOST_PLACES = 4
"""How many places on a branch are named; further ones are counted."""


def status_of(solution: Solution) -> Status:
    """A solution's status, `unconverged` if it did not converge."""
    return solution.status if solution.converged else "unconverged"


def status_name(status: Status) -> str:
    """A status in one or two words."""
    return {
        "principal": tr("principal"),
        "bifurcation": tr("bifurcation"),
        "other branch": tr("other branch"),
        "not traced": tr("not traced"),
        "unconverged": tr("unconverged"),
    }[status]


def standing(solution: Solution) -> list[str]:
    """Technical sentences on a solution: its status, where the branch is crossed or turns, and the choice rules."""
    status, rules = status_of(solution), rules_in_words(solution.game.crisis)
    if status == "principal" and solution.ended == "sweeps settled":
        return [ALONE, *([rules] if rules else [])]
    if not solution.converged and solution.certificate.rounding > TRUSTED:
        return [tr("Nothing can be said: {reason}", reason=ROUNDED)]
    sentences = [divided(solution) if status == "bifurcation" else STANDING[status]]
    if status == "bifurcation" and not solution.sides:
        sentences.append(ONE_OF_THEM)
    if solution.turns:
        actors = names_of(solution.game.crisis).actors
        turns = places(solution.turns, solution.rationality, actors)
        sentences.append(
            tr(
                "Near rationality {places} the branch turns: a small change there can take play to another "
                "equilibrium.",
                places=turns,
            )
        )
    return [*sentences, *([rules] if rules else [])]


def divided(solution: Solution) -> str:
    """One sentence on where the principal branch divides before it reaches a solution."""
    return crossed(places(solution.bifurcations, solution.rationality, names_of(solution.game.crisis).actors))


def crossed(where: str) -> str:
    """One sentence on the `places` at which another branch crosses the principal one; they may be unknown."""
    if not where:
        return tr(
            "On the way here another branch of equilibria crosses the principal one, and the model does not determine "
            "which of them play follows beyond."
        )
    return tr(
        "At rationality {places} another branch of equilibria crosses the principal one, and the model does not "
        "determine which of them play follows beyond.",
        places=where,
    )


def places(scales: Iterable[float], rationality: Mapping[str, float], names: Mapping[str, str]) -> str:
    """Scales of all rationalities as places in a sentence, each place once; empty if there are none.

    `names`: of the actors.

    Examples
    --------
    >>> places([0.25, 0.5], {"north": 4.0, "south": 4.0}, {})
    '1.00 and 2.00'
    >>> places([0.25], {"north": 4.0, "south": 2.0}, {"north": "Northland"})
    '1.00 of Northland, the others in proportion,'
    """
    most = most_rational(rationality)
    values = list(dict.fromkeys(quantity(scale * rationality[most]) for scale in scales))
    if not values:
        return ""
    if (more := len(values) - MOST_PLACES) > 0:
        values = [*values[: MOST_PLACES - 1], trn("{count} more place", "{count} more places", more + 1)]
    if len(set(rationality.values())) == 1:
        return listed(values)
    return tr("{places} of {actor}, the others in proportion,", places=listed(values), actor=names[most])


def most_rational(rationality: Mapping[str, float]) -> str:
    """The actor of the highest rationality, the first of several."""
    return max(rationality, key=lambda actor: rationality[actor])


def counts(run: Run) -> str:
    """How many draws have each status that occurs, as in `16 principal, 2,032 not traced`."""
    return ", ".join(f"{run.statuses[status]:,} {status_name(status)}" for status in STATUSES if run.statuses[status])


def how_many_converged(draws: int, solved: int) -> str:
    """One plain sentence on how many of a run's draws were solved."""
    if solved == draws:
        return tr("All draws converged: each was solved to an equilibrium of its game.")
    return tr(
        "{solved} of {draws} draws converged, each to an equilibrium of its game; the others are left out.",
        solved=f"{solved:,}",
        draws=f"{draws:,}",
    )


def left_out_of_numbers(left_out: int, draws: int) -> str:
    """One plain sentence on the draws of a study that did not converge."""
    return trn(
        "{count} of {draws} draws did not converge; they are left out of every number.",
        "{count} of {draws} draws did not converge; they are left out of every number.",
        left_out,
        draws=f"{draws:,}",
    )


def drawn_standing(run: Run) -> tuple[str, str]:
    """What following the principal branches of a run's draws showed, and a warning, empty if there is none."""
    warnings = []
    if few := len(run.rounded):
        warnings.append(
            trn(
                "Nothing can be said of {count} draw: {reason}",
                "Nothing can be said of {count} draws: {reason}",
                few,
                reason=ROUNDED,
            )
        )
    if structure_of(run.game).perfect_information:
        text = tr("Each draw has only one equilibrium: every mover knows where play stands.")
    else:
        text = _followed(run)
        warnings += _on_branches(run)
    return f"{text} {rules_in_words(run.crisis)}".rstrip(), " ".join(warnings)


def _followed(run: Run) -> str:
    """In which of a run's draws the principal branch was followed, and that they lie on it if all do."""
    statuses, traced = run.statuses, run.traced
    if run.crisis.effective_inputs:
        from offramp.runs.result import EARLY, TRACED, TRACED_LATER

        values = {"every": TRACED, "first": f"{EARLY:,}", "later": f"{TRACED_LATER:,}"}
        if run.draws > EARLY:
            sample = trn(
                "The principal branch was followed in one draw (every {every}th, after the first {first} every "
                "{later}th)",
                "The principal branch was followed in a sample of {count} draws (every {every}th, after the first "
                "{first} every {later}th)",
                traced.sample,
                **values,
            )
        else:
            sample = trn(
                "The principal branch was followed in one draw (every {every}th)",
                "The principal branch was followed in a sample of {count} draws (every {every}th)",
                traced.sample,
                **values,
            )
        text = f"{sample}."
        if traced.left:
            more = f"{traced.left:,}"
            settled = tr("{sample}, and in {more} more that sweeps did not settle.", sample=sample, more=more)
            again = tr(
                "{sample}, and in {more} more that sweeps did not settle or settled at several equilibria.",
                sample=sample,
                more=more,
            )
            text = again if may_have_several(structure_of(run.game.so_far)) else settled
    else:
        text = tr("All draws are the same: one stands for all.")
    if traced.sample and statuses["not traced"] and not statuses["other branch"] and not statuses["bifurcation"]:
        in_sample = tr("In the sample, every draw's solution lies on the principal branch.")
        if run.crisis.effective_inputs:
            uncertain = trn(
                "A sample of one draw leaves open that up to {most} of all draws have another equilibrium than the one "
                "on it (95% confidence).",
                "A sample of {count} leaves open that up to {most} of all draws have another equilibrium than the one "
                "on it (95% confidence).",
                traced.sample,
                most=percent(min(at_most(traced.sample), statuses["not traced"] / run.draws)),
            )
            return f"{text} {in_sample} {uncertain}"
        return f"{text} {in_sample}"
    return text


def at_most(sample: int) -> float:
    """The largest share of draws, at 95 % confidence, of which a sample that has none of them can come.

    Source: Hanley & Lippman-Hand 1983, *If nothing goes wrong, is everything all right?*, JAMA 249: the rule of three.

    Examples
    --------
    >>> round(at_most(4), 3), round(at_most(300), 4)
    (0.527, 0.0099)
    """
    return 1.0 - float(0.05 ** (1.0 / sample))


def _on_branches(run: Run) -> Iterator[str]:
    """Warnings on draws whose solution is not the one on a principal branch without a fork."""
    statuses, traced = run.statuses, run.traced
    if few := statuses["other branch"]:
        values = {"sample": f"{traced.sample:,}", "share": percent(few / traced.sample)}
        if statuses["not traced"]:
            yield trn(
                "{count} of {sample} draws compared with their principal branch ({share}) has another equilibrium than "
                "the one on it; draws that were not compared may, too.",
                "{count} of {sample} draws compared with their principal branch ({share}) have another equilibrium "
                "than the one on it; draws that were not compared may, too.",
                few,
                **values,
            )
        else:
            yield trn(
                "{count} of {sample} draws compared with their principal branch ({share}) has another equilibrium than "
                "the one on it.",
                "{count} of {sample} draws compared with their principal branch ({share}) have another equilibrium "
                "than the one on it.",
                few,
                **values,
            )
    if few := statuses["bifurcation"]:
        crossed = trn(
            "In {count} draw another branch of equilibria crosses the principal one, and the model does not determine "
            "which of them play follows beyond.",
            "In {count} draws another branch of equilibria crosses the principal one, and the model does not determine "
            "which of them play follows beyond.",
            few,
        )
        yield f"{crossed} {ONE_OF_THEM}"
        if statuses["not traced"]:
            yield tr("It may be so in draws that were not compared, too.")
