"""The words of the language in words: what its functions, distributions and reserved words mean."""

from __future__ import annotations

from offramp.crisis.distribution import parameters_of

DISTRIBUTIONS = {
    "uniform": "Any value between low and high is as likely as any other.",
    "normal": "Bell-shaped around the mean; two draws in three lie within one sd of it.",
    "lognormal": "Positive, with a long tail upwards; sigma is the spread of its logarithm.",
    "beta": "Between 0 and 1: as after a successes and b failures, mean a / (a + b). For probabilities.",
    "triangular": "Between low and high, most likely at mode, falling off in straight lines.",
    "pert": "Between low and high, most likely at mode, with thinner ends than triangular.",
    "percentiles": "A smooth distribution through three percentiles; low= and high= bound it.",
}
EXAMPLES = {
    "uniform": "uniform(0.2, 0.7)",
    "normal": "normal(0, 1)",
    "lognormal": "lognormal(median=3, sigma=0.3)",
    "beta": "beta(4, 6)",
    "triangular": "triangular(5, 7, 10)",
    "pert": "pert(0.05, 0.15, 0.4)",
    "percentiles": "percentiles(p10=4, p50=6, p90=9)",
}
FUNCTIONS = {
    "min": ("min(a, b, ..)", "The smallest of its values."),
    "max": ("max(a, b, ..)", "The largest of its values."),
    "abs": ("abs(x)", "The value without its sign."),
    "exp": ("exp(x)", "e to the power of x."),
    "log": ("log(x)", "The natural logarithm."),
    "sqrt": ("sqrt(x)", "The square root."),
    "clip": ("clip(x, low, high)", "The value, kept between low and high."),
}
WORDS = {
    "rest": "What the other odds of the row leave of 1.",
    "otherwise": "The ending of every history that none of the endings above it holds for.",
    "skipped": "The value of a step that did not happen; it equals no option.",
    "round": "The number of the round, from 1.",
    "if": "The row counts only where this holds; the first row that holds counts, and the last row has no `if`.",
    "date": "The day on which it was observed.",
    "recall": "It remembers all that it has seen and done.",
    "state": "Of earlier rounds it keeps only the states: the game stays small.",
    "each_round": "Paid at the end of every round that is played, with that round's values.",
    "end": "Paid once, after the last step.",
    "and": "Both hold.",
    "or": "At least one of them holds.",
    "not": "It does not hold.",
    "in": "It is one of a list: step in [a, b].",
    "else": "a if c else b: a where c holds, b where it does not.",
    "==": "It is; 1 where that holds, 0 where not.",
    "!=": "It is not; true of a step that was skipped as well.",
    "1": "The version of this format.",
    "¶": "A paragraph of the source by its number; blocks of text between blank lines are counted from 1.",
}


def signature(distribution: str) -> str:
    """How a distribution is written.

    Examples
    --------
    >>> signature("percentiles")
    'percentiles(p10=, p50=, p90=)'
    >>> signature("beta")
    'beta(a, b)'
    """
    required, _ = parameters_of(distribution)
    named = distribution == "percentiles"
    return f"{distribution}({', '.join(f'{name}=' if named else name for name in required)})"


def snippet(distribution: str) -> str:
    """The same with places to fill in, as the page's editor takes it.

    Examples
    --------
    >>> snippet("lognormal")
    'lognormal(median=${median}, sigma=${sigma})'
    """
    required, _ = parameters_of(distribution)
    named = distribution in ("percentiles", "lognormal")
    return f"{distribution}({', '.join((f'{name}=' if named else '') + f'${{{name}}}' for name in required)})"
