"""Files made to hurt: each is read and compiled in a process of its own, with little memory and time.

The process prints what came out: the first message, or the size of the game.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

MEMORY = 1500 * 2**20
SECONDS = 5
"""CPU time, so that a busy machine does not matter."""

MOVE = "  - {move: m, by: a, options: [x, y]}\n"


def crisis(timeline: str = MOVE, top: str = "", actors: str = "", endings: str = "  e: otherwise\n") -> str:
    """A small crisis around a hostile part."""
    actors = actors or "  a: {name: A}\n  b: {name: B}\n"
    return f"format: 1\ntitle: T\nactors:\n{actors}{top}timeline:\n{timeline}endings:\n{endings}"


def many(count: int, template: str) -> str:
    """Numbered lines; the template's `#` is the number, `@` the next one."""
    return "".join(f"  {template}\n".replace("#", str(k)).replace("@", str(k + 1)) for k in range(count))


def rounds(count: int | str, *steps: str) -> str:
    return f"  - rounds: {count}\n    steps:\n" + "".join(f"      - {step}\n" for step in steps)


def payoff(text: str) -> str:
    return crisis(top=f"payoffs: {{a: {{p: {text}}}}}\n")


def laughs() -> str:
    levels = (f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 12))
    return "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(levels)


FORGETFUL = "  a: {name: A, memory: state}\n"
LARGE_LET = "l#: max(" + "l, " * 90 + "l)"
HUNDRED = ", ".join(f"x{k}" for k in range(100))
UNCERTAIN = 'i#: {is: "uniform(0, 1)"}'
PRIOR = 'is: "normal(0, 1)"'
WHOLE_SUM = f"s#: {{linear: [w], {PRIOR}}}"
OWN_ODDS = ", ".join(f"a{k}: {{x: 1}}" for k in range(90))
COIN = "{chance: c, odds: {x: 0.5, y: rest}, seen_by: []}"

CASES: dict[str, tuple[Callable[[], str], str]] = {
    # Large YAML documents.
    "a billion laughs": (laughs, "anchors and aliases expand"),
    "an anchor in itself": (lambda: "a: &a [*a, *a, *a]\n", "anchors and aliases expand"),
    "an anchor in itself, often": (lambda: f"a: &a [{'*a, ' * 25_000}]\n", "anchors and aliases expand"),
    "a long text, often": (
        lambda: crisis(top=f"summary: &s {'x' * 900_000}\ninputs:\n{many(4_000, 'i#: {is: 1, because: *s}')}"),
        "anchors and aliases expand",
    ),
    "ten thousand brackets": (lambda: f"a: {'[' * 10_000}{']' * 10_000}\n", "nested more than 40 deep"),
    "ten thousand dashes": (lambda: "- " * 10_000, "nested more than 40 deep"),
    "indented ever further": (lambda: "".join(f"{' ' * k}a:\n" for k in range(1_200)), "nested more than 40 deep"),
    "merge keys": (lambda: crisis(top="inputs: &i {j: {is: 1}}\nlet: {<<: *i, <<: [*i, *i]}\n"), "merge keys"),
    "tags": (lambda: "a: !!python/object/apply:os.system ['true']\n", "tags such as '!!python"),
    "a thousand documents": (lambda: "a: 1\n---\nb: 2\n...\n---\n" * 1_000, "a second document begins here"),
    "a million quotes": (lambda: "'" * 1_000_000, "expected a crisis"),
    "two megabytes of a list": (lambda: f"a: [{'1,' * 990_000}]\n", "more than 30,000 values"),
    "two megabytes of a key": (lambda: f"{'k' * 1_990_000}: 1\n", "not valid YAML"),
    "two megabytes of a name": (
        lambda: crisis(f"  - {{move: {'m' * 1_900_000}, by: a, options: [x]}}\n"),
        "at most 64",
    ),
    "two megabytes of folded lines": (
        lambda: crisis(top=f"let:\n  l: >-\n{many(300_000, '  x')}"),
        "the maximum is 5,000",
    ),
    "two megabytes of escapes": (lambda: f'a: "{chr(92)}x41{"a" * 1_900_000}"\n', "unknown key 'a'"),
    # Numbers and expressions.
    "1e999": (lambda: crisis(top="inputs: {i: {is: 1e999}}\n"), "is too large"),
    "four thousand digits": (lambda: crisis(top=f"inputs: {{i: {{is: {'7' * 4_000}}}}}\n"), "is too large"),
    "a tower of powers": (lambda: crisis(top="inputs: {i: {is: 9**9**9**9}}\n"), "must be a finite number"),
    "a tower of powers, paid": (lambda: payoff("9**9**9 * (m == x)"), "is not a finite number"),
    "a sum without end": (lambda: payoff("1+" * 900_000 + "1"), "the maximum is 5,000"),
    "parentheses without end": (lambda: payoff("(" * 2_400 + "1" + ")" * 2_400), "nested more than 40 deep"),
    "signs without end": (lambda: payoff("-" * 4_900 + "1"), "2 nodes"),
    "10**30 rounds": (lambda: crisis(rounds(10**30, "{move: m, by: a, options: [x, y]}")), "a whole number from 1"),
    "a grid of a thousand points": (
        lambda: crisis(
            '  - {chance: c, grid: "normal(0, 1000)", points: 1000, seen_by: []}\n'
            "  - {move: m, by: a, if: value(c) > 10, options: [x, y]}\n",
            top="payoffs: {a: {p: value(c) * (m == x)}}\n",
            endings="  f: value(c) > 100\n  e: otherwise\n",
        ),
        "nodes",
    ),
    "the values of a thousand points, often": (
        lambda: crisis(
            f'  - {{chance: c, grid: "normal(0, 1)", points: 1000}}\n{MOVE}',
            top=f"payoffs:\n  a:\n{many(4_000, '  t#: value(c) * value(c)')}",
        ),
        "names and numbers",
    ),
    # Lets.
    "lets that double": (lambda: crisis(top=f"let:\n  l0: 1 + 1\n{many(60, 'l@: l# + l#')}"), "more than 20,000 names"),
    "a chain of lets": (lambda: crisis(top=f"let:\n{many(9_000, 'l#: l@')}  l9000: 1\n"), "names and numbers"),
    "a ring of lets": (lambda: crisis(top=f"let:\n{many(9_000, 'l#: l@')}  l9000: l0\n"), "cannot refer to itself"),
    "a large let, often": (
        lambda: crisis(top=f"let:\n  l: {' + '.join(['(1 + 1)'] * 70)}\n{many(2_000, LARGE_LET)}"),
        "more than 20,000 names",
    ),
    # Very many parts.
    "many inputs": (lambda: crisis(top=f"inputs:\n{many(5_900, 'input_#: {is: 1}')}"), "2 nodes"),
    "many unknown names": (
        lambda: crisis(top=f"inputs:\n{many(3_000, 'input_#: {is: 1}')}let:\n{many(3_000, 'l#: inptu_#')}"),
        "more than 100 mistakes",
    ),
    "many unknown keys": (lambda: many(14_000, "key_#: 1"), "more than 100 mistakes"),
    "many keys twice": (lambda: "a:\n" + many(14_000, "b: 1"), "more than 100 mistakes"),
    "many moves": (lambda: crisis(many(2_500, "- {move: m#, by: a, options: [x]}")), "the maximum is 1,000"),
    "many states": (
        lambda: crisis(
            many(3_500, "- {state: s#, start: 0, becomes: s@}") + "  - {state: s3500, start: 0, becomes: 1}\n"
        ),
        "the maximum is 1,000",
    ),
    "many options": (lambda: crisis(f"  - {{move: m, by: a, options: [{many(25_000, 'x#,')}]}}\n"), "at most 1,000"),
    "many rows": (
        lambda: crisis(f"{MOVE}  - chance: c\n    odds:\n{many(3_500, '    - {if: m == x, u: 1}')}      - {{u: 1}}\n"),
        "4 nodes",
    ),
    "many endings": (lambda: crisis(endings=many(14_000, "e#: m == x") + "  e: otherwise\n"), "2 nodes"),
    "many payoff terms": (lambda: crisis(top=f"payoffs:\n  a:\n{many(13_000, '  t#: m == x')}"), "2 nodes"),
    "many correlations": (
        lambda: crisis(
            top=f"inputs:\n{many(2_600, UNCERTAIN)}correlations:\n{many(1_500, '- {of: [i#, i@], rho: 0.1}')}"
        ),
        "more than 500 inputs are correlated",
    ),
    "many believers": (
        lambda: crisis(
            many(30, f"- {{chance: c#, odds: {{x: 1}}, believed_by: {{{OWN_ODDS}}}}}")
            + MOVE.replace("by: a", "by: a0"),
            actors=many(90, "a#: {name: A}"),
        ),
        "32 nodes",
    ),
    "many columns in many sums": (
        lambda: crisis(top=f"inputs:\n  w: {{is: x, column: w, levels: [{HUNDRED}]}}\n{many(1_000, WHOLE_SUM)}"),
        "more than 5,000 coefficients",
    ),
    "a large sum, often": (
        lambda: crisis(
            top=f"inputs:\n{many(2_000, 'c#: {is: 1, column: c#}')}  s: {{linear: [{many(2_000, 'c#,')}], {PRIOR}}}\n"
            f"payoffs:\n  a:\n{many(300, '  t#: s * s * s * (m == x)')}",
        ),
        "2 nodes",
    ),
    "many records": (
        lambda: crisis() + f"cases: {{observed: {{o: {{{many(900, 'v#: {m: x, ending: [e, d]},')}}}}}}}\n",
        "more than 100 mistakes",
    ),
    # Many histories.
    "10**12 histories": (lambda: crisis(many(40, "- {move: m#, by: a, options: [x, y]}")), "makes the game too large"),
    "10**12 histories in six steps": (
        lambda: crisis(many(6, f"- {{move: m#, by: a, options: [{HUNDRED}]}}")),
        "makes the game too large",
    ),
    "a thousand rounds, remembered": (lambda: crisis(rounds(1_000, "{move: m, by: a, options: [x, y]}")), "too large"),
    "a thousand rounds, forgotten": (
        lambda: crisis(
            rounds(1_000, COIN, '{state: s, start: 0, becomes: "min(s + (c == x), 9)"}'),
            actors=FORGETFUL,
            endings="  e: s > 5\n  f: otherwise\n",
        ),
        "nodes",
    ),
    "ten thousand steps": (
        lambda: crisis(rounds(1_000, *(f"{{move: m{k}, by: a, options: [x]}}" for k in range(10))), actors=FORGETFUL),
        "10,001 nodes",
    ),
    "a state of many values": (
        lambda: crisis(
            rounds(300, COIN, "{state: s, start: 0, becomes: 2 * s + (c == x)}"), endings="  e: s > 5\n  f: otherwise\n"
        ),
        "makes the game too large",
    ),
}


def main(name: str) -> None:
    from offramp.crisis.faults import CrisisError
    from offramp.crisis.inputs import medians, resolved_inputs
    from offramp.crisis.reading import read_text
    from offramp.game.compiler import compile_crisis
    from offramp.game.tables import Draws, tabulate

    try:
        crisis = read_text(CASES[name][0]().encode(), "crisis.yaml")
        game = compile_crisis(crisis)
        tabulate(game, Draws(resolved_inputs(crisis, medians(crisis)), ["at the medians"]))
        print(f"{game.size.nodes:,} nodes")
    except CrisisError as error:
        print(error)


def limited(name: str) -> None:
    """Say what comes of a file on standard output, and what memory it took on standard error; limits hold."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    main(name)
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024:d} bytes", file=sys.stderr)
