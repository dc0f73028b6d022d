"""The oracle: a crisis played out history by history, in plain Python, straight from the design.

It shares the written model with Offramp and nothing else: no compiler, no merging, no solver, and an evaluator of its
own. `tree` grows the whole game tree of one draw, `walk` follows a profile through it, `solve` finds the principal
logit equilibrium and `walk_now` the play from a moment of the timeline on.
"""

from tests.walker.arithmetic import Number, Value, holds, logit_response, medians, rationality, value_of, with_pulled
from tests.walker.growing import (
    ANALYST,
    SKIPPED,
    ChanceNode,
    DecisionNode,
    Grower,
    History,
    Key,
    Node,
    Now,
    Position,
    Terminal,
    Then,
    flat,
    positions,
    tree,
)
from tests.walker.moment import Facts, Moment, Weighed, past_of, walk_now, weigh
from tests.walker.principal import Choices, solve
from tests.walker.walking import Profile, Walk, walk

__all__ = [
    "ANALYST",
    "SKIPPED",
    "ChanceNode",
    "Choices",
    "DecisionNode",
    "Facts",
    "Grower",
    "History",
    "Key",
    "Moment",
    "Node",
    "Now",
    "Number",
    "Position",
    "Profile",
    "Terminal",
    "Then",
    "Value",
    "Walk",
    "Weighed",
    "flat",
    "holds",
    "logit_response",
    "medians",
    "past_of",
    "positions",
    "rationality",
    "solve",
    "tree",
    "value_of",
    "walk",
    "walk_now",
    "weigh",
    "with_pulled",
]
