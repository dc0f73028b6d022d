"""A crisis file with every part that speaks of recorded cases."""

RECORDED = """\
format: 1
title: Answers to raids
actors:
  north: {name: Northland, choice: probit, rationality: 1}
  south: {name: Southland, choice: private, rationality: "lognormal(median=1, sigma=0.3)"}
inputs:
  balance: {is: 0.2, column: log(troops1 / troops2)}
  regime: {is: mixed, column: regime1, levels: [full, mixed], name: Northland's regime}
  resolve: {linear: [1, balance, regime], is: "normal(0, 5)", name: its resolve}
  hope: {linear: [balance, regime.full], is: {balance: "normal(1, 2)", regime.full: "normal(0, 1)"}}
  shame: {is: "lognormal(1, 0.5)", estimate: yes}
correlations:
  - {of: [resolve.1, hope.balance], rho: 0.4}
  - {of: [resolve.regime.full, south.rationality], rho: -0.2}
timeline:
  - {chance: mood, weights: {calm: 1, tense: exp(resolve / 4)}, seen_by: [north]}
  - rounds: 2
    steps:
      - {move: answer, by: north, options: [wait, volley]}
      - {move: reply, by: south, if: answer == volley, options: [absorb, all_out]}
payoffs:
  north:
    shame: {pays: -shame * (answer == wait), when: each_round}
    war: {pays: (resolve + regime.full - (mood == calm)) * (reply == all_out), when: end}
  south: {war: {pays: hope * (reply == all_out), when: end}}
endings: {war: reply == all_out, absorbed: reply == absorb, quiet: otherwise}
levers:
  rally: {set: {resolve.1: resolve.1 + 1, balance: 2 * balance}}
cases:
  observed:
    first: {0: {answer@1: wait}, 1: {answer@1: volley}}
    outcome: {war: {ending: war}, no war: {ending: [absorbed, quiet]}, unclear: {}}
    last: {silent: {reply@2: [absorb, skipped]}}
  cluster: dyad
  time: year
  count: times
"""
