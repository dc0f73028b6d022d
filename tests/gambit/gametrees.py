"""Random game trees as Gambit's text, and a naive walk through a tree."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from offramp.gambit.tree import NONE, Tree


@st.composite
def game_texts(draw: st.DrawFn, depth: int = 4, shares_chance: bool = True) -> str:
    """An `EFG 2` file: any nodes of a player may share a set, so plays may pass sets in any order."""
    players = draw(st.integers(1, 3))
    widths: dict[tuple[str, int], int] = {}
    lines: list[str] = []
    payoffs = st.tuples(*[st.sampled_from(["0", "1", "-2", "1/3", ".25", "1e-1", "7"])] * players)
    outcomes: dict[int, tuple[str, ...]] = {}

    def outcome() -> str:
        number = draw(st.integers(0, 5))
        if number == 0:
            return "0"
        if number in outcomes:
            return str(number)
        outcomes[number] = draw(payoffs)
        return f'{number} "o{number}" {{ {", ".join(outcomes[number])} }}'

    def node(left: int, path: frozenset[tuple[str, int]]) -> None:
        kind = draw(st.sampled_from("tcpppp")) if left else "t"
        if kind == "t":
            lines.append(f't "" {outcome()}')
            return
        owner = "c" if kind == "c" else f"p{draw(st.integers(1, players))}"
        key = owner, draw(st.integers(1, 3))
        taken = path if owner != "c" else set() if shares_chance else widths
        if key in taken:  # no play may pass a set twice
            key = owner, 10 + len(widths)
        known = key in widths
        width = widths.setdefault(key, draw(st.integers(1, 3)))
        odds = [""] * width if owner != "c" else [f" 1/{width}"] * width
        actions = " ".join(f'"a{number}"{share}' for number, share in enumerate(odds))
        head = f'c "" {key[1]}' if owner == "c" else f'p "" {owner[1:]} {key[1]}'
        lines.append(head + ("" if known else f' "{owner}/{key[1]}" {{ {actions} }}') + f" {outcome()}")
        for _ in range(width):
            node(left - 1, path | {key})

    node(depth, frozenset())
    names = " ".join(f'"P{number + 1}"' for number in range(players))
    return "\n".join([f'EFG 2 R "random" {{ {names} }}', *lines])


def children(tree: Tree) -> list[list[int]]:
    """Every node's children, found by walking in the order of the file."""
    found: list[list[int]] = [[] for _ in range(tree.nodes)]
    position = 0

    def walk() -> int:
        nonlocal position
        node = position
        position += 1
        place = tree.node_set[node]
        for _ in range(0 if place == NONE else len(tree.sets[place].actions)):
            found[node].append(walk())
        return node

    walk()
    assert position == tree.nodes
    return found


def walked(tree: Tree, choice: dict[int, list[float]]) -> tuple[dict[int, float], list[float]]:
    """The probability of each outcome at terminal nodes, and expected payoffs, under the profile `choice`."""
    after = children(tree)
    ends: dict[int, float] = {}
    totals = [0.0] * len(tree.players)

    def walk(node: int, reach: float, paid: list[Fraction]) -> None:
        outcome = int(tree.node_outcome[node])
        if outcome != NONE:
            paid = [sum(pair, Fraction(0)) for pair in zip(paid, tree.outcomes[outcome].payoffs, strict=True)]
        place = int(tree.node_set[node])
        if place == NONE:
            ends[outcome] = ends.get(outcome, 0.0) + reach
            for player, amount in enumerate(paid):
                totals[player] += reach * float(amount)
            return
        odds = tree.sets[place].odds
        shares = choice[place] if odds is None else [float(share) for share in odds]
        for child, share in zip(after[node], shares, strict=True):
            walk(child, reach * share, paid)

    walk(0, 1.0, [Fraction(0)] * len(tree.players))
    return ends, totals
