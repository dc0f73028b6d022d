"""Sentences on the likeliest ending: where along an input it changes, and in which region one dominates."""

from __future__ import annotations

from collections.abc import Sequence

from offramp.common.numerals import bound, deviation, percent, quantity
from offramp.common.texts import tr
from offramp.crisis.names import Names, capital
from offramp.study.sensitivity.results import Dominance, Tipped


def tipping_sentences(tipped: Sequence[Tipped], likeliest: str, names: Names) -> list[str]:
    """Where the likeliest ending changes along an input, or that no single input changes it; none without inputs.

    `tipped`: nearest to a change first; `likeliest`: the likeliest ending on average.
    """
    sentences = [
        tr(
            "{before} is the likeliest ending on average while {input} is below {value} ({low} to {high}), {after} "
            "above.",
            before=capital(names.endings[before]),
            input=names.inputs[one.input],
            value=quantity(value.p50),
            low=quantity(value.p05),
            high=quantity(value.p95),
            after=names.endings[after],
        )
        for one in tipped
        for before, after, value in one.changes
    ]
    return sentences or [_none_changes_it(one, names.ending(likeliest), names) for one in tipped[:1]]


def _none_changes_it(nearest: Tipped, likeliest: str, names: Names) -> str:
    if nearest.lead <= 0.0:
        return tr(
            "No single input, anywhere between its 1% and 99% quantiles, surely makes another ending than {likeliest} "
            "the likeliest on average; {input} may: at {value} the draws do not decide between it and {rival}.",
            likeliest=likeliest,
            input=names.inputs[nearest.input],
            value=quantity(nearest.at),
            rival=names.endings[nearest.rival],
        )
    return tr(
        "No single input, anywhere between its 1% and 99% quantiles, makes another ending than {likeliest} the "
        "likeliest on average; {input} comes nearest: at {value} the lead over {rival} is {lead} points.",
        likeliest=likeliest,
        input=names.inputs[nearest.input],
        value=quantity(nearest.at),
        rival=names.endings[nearest.rival],
        lead=deviation(nearest.lead),
    )


def region_sentence(one: Dominance, names: Names) -> str:
    """In which region of the inputs an ending dominates, or that none sets its draws apart."""
    ending, level = capital(names.endings[one.ending]), "" if one.above is None else bound(one.above)
    if not one.limits:
        share = percent(one.everywhere)
        if one.above is None:
            return tr(
                "{ending} is the likeliest ending in {share} of the draws; no region of the inputs sets them apart.",
                ending=ending,
                share=share,
            )
        return tr(
            "{ending} is above {level} in {share} of the draws; no region of the inputs sets them apart.",
            ending=ending,
            level=level,
            share=share,
        )
    values = {
        "ending": ending,
        "where": one.where(names.inputs),
        "density": percent(one.density),
        "everywhere": percent(one.everywhere),
        "coverage": percent(one.coverage),
    }
    if one.above is None:
        return tr(
            "{ending} is the likeliest ending mostly where {where}: in {density} of the draws there, against "
            "{everywhere} everywhere; {coverage} of all such draws lie there.",
            **values,
        )
    return tr(
        "{ending} is above {level} mostly where {where}: in {density} of the draws there, against {everywhere} "
        "everywhere; {coverage} of all such draws lie there.",
        **values,
        level=level,
    )
