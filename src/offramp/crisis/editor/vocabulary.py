"""Descriptions of the functions, distributions and reserved words of the language, for the editor."""

from __future__ import annotations

from offramp.crisis.distribution import parameters_of

DISTRIBUTIONS = {
    "uniform": "Any value between low and high is as likely as any other.",
    "normal": "Bell-shaped around the mean; two draws in three are within one sd of it.",
    "lognormal": "Positive, with a long upper tail; sigma is the standard deviation of its logarithm.",
    "beta": "Between 0 and 1, for probabilities; mean a / (a + b), more certain the larger a + b.",
    "triangular": "Between low and high, most likely at mode, with straight sides.",
    "pert": "Between low and high, most likely at mode, with thinner ends than triangular.",
    "percentiles": "A smooth distribution with these three percentiles; low= and high= bound it.",
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
    "min": ("min(a, b, ..)", "The smallest of the values."),
    "max": ("max(a, b, ..)", "The largest of the values."),
    "abs": ("abs(x)", "The value without its sign."),
    "exp": ("exp(x)", "e to the power of x."),
    "log": ("log(x)", "The natural logarithm."),
    "sqrt": ("sqrt(x)", "The square root."),
    "clip": ("clip(x, low, high)", "The value, limited to low and high."),
    "value": ("value(STEP)", "The number of the option that a chance step or move takes; 0 if it is skipped."),
}
WORDS = {
    "rest": "The remaining probability: 1 minus the other odds of the row.",
    "otherwise": "The ending of every history for which no ending above holds.",
    "skipped": "The value of a step that did not happen; it equals no option.",
    "round": "The number of the round, from 1.",
    "if": "The condition of a row; the first row whose condition holds applies, and the last row has no `if`.",
    "date": "The date of the observation.",
    "recall": "The actor remembers all that it has seen and done.",
    "state": "The actor remembers only the states of earlier rounds, which keeps the game small.",
    "logit": "A better option is likelier, by the logit response; its rationality is the precision.",
    "probit": "The value of each option has a normal shock with standard deviation 1 / rationality.",
    "private": "Each way for play to end has a normal shock, and the actor knows its own from the start.",
    "ending": "The ending that was reached, or several, one of which was.",
    "each_round": "Paid at the end of every round played, with the values of that round.",
    "end": "Paid once, after the last step.",
    "and": "Both conditions hold.",
    "or": "At least one condition holds.",
    "not": "The condition does not hold.",
    "in": "The value is one of a list: step in [a, b].",
    "else": "a if c else b: a if c holds, otherwise b.",
    "==": "Equal: 1 if it holds, otherwise 0.",
    "!=": "Not equal; also true for a step that was skipped.",
    "1": "The version of this format.",
    "¶": "A paragraph of the source by its number; paragraphs are separated by blank lines and counted from 1.",
}


def signature(distribution: str) -> str:
    """How to write a distribution.

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
    """The same with placeholders, in the syntax of the page's editor.

    Examples
    --------
    >>> snippet("lognormal")
    'lognormal(median=${median}, sigma=${sigma})'
    """
    required, _ = parameters_of(distribution)
    named = distribution in ("percentiles", "lognormal")
    return f"{distribution}({', '.join((f'{name}=' if named else '') + f'${{{name}}}' for name in required)})"
