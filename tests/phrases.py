"""The words of random crises: names, distributions, and templates of formulas in which facts are filled in."""

ACTORS = ("north", "south", "east")
OPTIONS = ("hold", "press", "talk")
VALUES = ("low", "high", "odd")
SHARES = ("beta(2, 3)", "uniform(0.1, 0.9)", "triangular(0.1, 0.3, 0.8)", "pert(0.05, 0.15, 0.4)", "0.375")
STAKES = ("lognormal(median=2, sigma=0.4)", "normal(0.5, 1)", "percentiles(p10=1, p50=2, p90=4)", "3", "uniform(0, 2)")
RATIONALITIES = ("0", "0.5", "1", "2", "4", "uniform(0, 3)", "0.5 + share", "min(4, abs(stake))")
SMALL_RATIONALITIES = ("0", "0.125", "0.25", "uniform(0, 0.5)", "share / 2")
COEFFICIENTS = ("-2", "-1.25", "-0.5", "0.25", "0.75", "1", "1.5")
CONDITIONS = ("{a}", "not ({a})", "{a} and {b}", "{a} or not {b}", "({a}) + ({b}) == 1", "{a} if {b} else not {a}")
UPDATES = (
    "max({s}, {a})",
    "{s} + ({a})",
    "min({s} + ({a}), 2)",
    "clip({s} + ({a}) - ({b}), -1, 2)",
    "0.5 * {s} + ({a})",
    "2 if {a} else {s}",
    "{a}",
    "{s} + 0.1 * ({a}) + 0.2 * ({b})",
    "{s} + 0.3 * ({a}) - 0.1 * ({b})",
    "1.1 * {s} + 0.1 * ({a})",
    "{s} / 3 + 0.7 * ({a})",
    "sqrt(abs({s})) + ({a})",
)
PAYMENTS = (
    "{c} * ({a})",
    "{c} * stake * ({a})",
    "{c} if {a} else share",
    "{c} * ({a}) * ({b}) / 2",
    "-abs({c} - ({a})) ** 2",
    "{c} * exp(-({a}) - ({b}))",
    "{c} * {s}",
    "{c} * ({a}) * sqrt(abs({s}))",
    "{c} * ({s} >= 0.3) - share * ({s} == 0.8 and {a})",
)
WEIGHTS = ("1", "3", "share", "0.5 + 2 * share", "stake ** 2")
NUMBERS = ("0", "0.5", "1", "2", "-1", "1.5", "0.1", "0.3")
POINTS = ("p1", "p2", "p3")
GRIDS = ("uniform(0, 2)", "triangular(0, 0.5, 3)", "normal(0.5, 1)", "beta(2, 3)")
NUMBER_PAYMENTS = ("{c} * {v}", "{c} * {v} * ({a})", "-abs({v} - stake) / 2", "{c} * ({v} > share)")
