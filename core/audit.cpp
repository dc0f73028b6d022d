// Steps of a certificate over whole arrays of nodes, for those who go on calculating with them. The draw is last in every
// array; `draws` is their number.

#include "audit.hpp"
#include "audit_rules.hpp"
#include "flows.hpp"

namespace {

using namespace audit;

template <int N>
int64_t reach_nodes(const Graph &g, const double *odds, const double *choice, bool logarithms, int64_t draws,
                    double *reach) {
    const int64_t odds_rows = g.systems * g.odds_slots, nodes = g.nodes + 1;
    Parts parts({odds_rows, g.slots, nodes}, N);
    if (parts.failed()) return 1;
    const auto &[own_odds, own_choice, own] = parts.of;
    for (int64_t first = 0; first < draws; first += N) {
        const Part part = part_of<N>(draws, first);
        take<N>(odds, odds_rows, part, own_odds);
        take<N>(choice, g.slots, part, own_choice);
        for (int64_t system = 0; system < g.systems; system++) {
            if (logarithms)
                log_reach_of<N>(g, system, own_odds, own_choice, own);
            else
                reach_of<N>(g, system, nodes, own_odds, own_choice, own);
            give<N>(own, nodes, part, reach + system * nodes * draws);
        }
    }
    return 0;
}

template <int N>
int64_t weigh_nodes(const Graph &g, const double *odds, const double *choice, const double *logit,
                    const double *supported, int64_t draws, double *belief, double *mass) {
    const int64_t odds_rows = g.systems * g.odds_slots, nodes = g.nodes + 1;
    Parts parts({odds_rows, g.slots, g.slots, g.sets, nodes, nodes, g.sets, g.sets}, N);
    if (parts.failed()) return 1;
    const auto &[own_odds, own_choice, log_choice, own_supported, reach, weight, own_mass, high] = parts.of;
    for (int64_t first = 0; first < draws; first += N) {
        const Part part = part_of<N>(draws, first);
        take<N>(odds, odds_rows, part, own_odds);
        take<N>(choice, g.slots, part, own_choice);
        take<N>(supported, g.sets, part, own_supported);
        memset(own_mass, 0, g.sets * N * sizeof(double));
        for (int64_t system = 0; system < g.systems; system++) {
            reach_of<N>(g, system, g.until[system], own_odds, own_choice, reach);
            weigh_sets<N>(g, system, reach, weight, own_mass);
        }
        const Flags<N> lost = lost_lanes<N>(g, own_mass, own_supported);
        if (any<N>(lost)) {
            take<N>(logit, g.slots, part, own_choice);
            log_choices_of<N>(g, own_choice, log_choice);
            weigh_rare_sets<N>(g, lost, own_odds, log_choice, reach, high, weight, own_mass);
        }
        for (int64_t group = 0; group < g.groups; group++) {
            if (g.group_set[group] < 0) continue;
            const Lanes<N> reached = load<N>(own_mass + g.group_set[group] * (int64_t)N);
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                const Lanes<N> own = load<N>(weight + node * N);
                store<N>(weight + node * N, where<N>(reached > 0.0, own / reached, own));
            }
        }
        give<N>(weight, g.nodes, part, belief);
        give<N>(own_mass, g.sets, part, mass);
    }
    return 0;
}

template <int N>
int64_t value_nodes(const Graph &g, const double *odds, const double *pay, int64_t rows, const double *choice,
                    const double *belief, int64_t draws, double *value, double *worth) {
    const int64_t odds_rows = g.systems * g.odds_slots, nodes = g.nodes + 1;
    Parts parts({odds_rows, rows, g.slots, nodes, g.sets, nodes, g.slots}, N);
    if (parts.failed()) return 1;
    const auto &[own_odds, own_pay, own_choice, weight, one, own_value, own_worth] = parts.of;
    for (int64_t set = 0; set < g.sets; set++) store<N>(one + set * N, fill<N>(1.0));
    for (int64_t first = 0; first < draws; first += N) {
        const Part part = part_of<N>(draws, first);
        take<N>(odds, odds_rows, part, own_odds);
        take<N>(pay, rows, part, own_pay);
        take<N>(choice, g.slots, part, own_choice);
        take<N>(belief, g.nodes, part, weight);
        memset(own_worth, 0, g.slots * N * sizeof(double));
        for (int64_t actor = 0; actor < g.actors; actor++) {
            values_of<N>(g, actor, own_odds, own_pay, own_choice, weight, one, own_value, own_worth);
            for (int64_t node = 0; node < nodes; node++)
                memcpy(value + (node * g.actors + actor) * draws + first, own_value + node * N,
                       part.count * sizeof(double));
        }
        give<N>(own_worth, g.slots, part, worth);
    }
    return 0;
}

// Whether any play reaches a set if every option is taken: the odds are made 0 or 1, and so is the result.
template <int N> int64_t support_sets(const Graph &g, const double *odds, int64_t draws, double *supported) {
    const int64_t nodes = g.nodes + 1;
    Parts parts({g.odds_slots, g.slots, nodes, g.sets}, N);
    if (parts.failed()) return 1;
    const auto &[possible, taken, reach, own] = parts.of;
    for (int64_t slot = 0; slot < g.slots; slot++) store<N>(taken + slot * N, fill<N>(1.0));
    for (int64_t first = 0; first < draws; first += N) {
        const Part part = part_of<N>(draws, first);
        take<N>(odds, g.odds_slots, part, possible);
        for (int64_t slot = 0; slot < g.odds_slots; slot++)
            store<N>(possible + slot * N, where<N>(load<N>(possible + slot * N) > 0.0, fill<N>(1.0), fill<N>(0.0)));
        reach_of<N>(g, 0, nodes, possible, taken, reach);
        memset(own, 0, g.sets * N * sizeof(double));
        for (int64_t group = 0; group < g.groups; group++)
            for (int64_t node = g.group_node[group]; g.group_set[group] >= 0 && node < g.group_node[group + 1]; node++)
                add<N>(own + g.group_set[group] * (int64_t)N, load<N>(reach + node * N));
        for (int64_t set = 0; set < g.sets; set++)
            store<N>(own + set * N, where<N>(load<N>(own + set * N) > 0.0, fill<N>(1.0), fill<N>(0.0)));
        give<N>(own, g.sets, part, supported);
    }
    return 0;
}

// The endings and terms that profiles pay.
template <int N>
int64_t pay_profiles(const Graph &g, const Payoffs &paid, const double *odds, const double *choice, int64_t draws,
                     double *endings, double *terms) {
    Parts parts({g.odds_slots, g.slots, g.nodes + 1, paid.payoffs, paid.endings, paid.terms}, N);
    if (parts.failed()) return 1;
    const auto &[own_odds, own_choice, reach, flow, own_endings, own_terms] = parts.of;
    for (int64_t first = 0; first < draws; first += N) {
        const Part part = part_of<N>(draws, first);
        take<N>(odds, g.odds_slots, part, own_odds);
        take<N>(choice, g.slots, part, own_choice);
        flow_of<N>(g, paid, own_odds, own_choice, reach, flow);
        pay_out<N>(paid, part, flow, own_endings, own_terms);
        give<N>(own_endings, paid.endings, part, endings);
        give<N>(own_terms, paid.terms, part, terms);
    }
    return 0;
}

// Sums of squared probabilities of all ways to end, or the deviations that come from them.
template <int N>
int64_t square_nodes(const Graph &g, const double *odds, const double *choice, int64_t draws, double *squares,
                     double *deviation) {
    const int64_t odds_rows = g.systems * g.odds_slots, nodes = g.nodes + 1;
    Parts parts({odds_rows, g.slots, nodes, g.sets}, N);
    if (parts.failed()) return 1;
    const auto &[own_odds, own_choice, own, own_deviation] = parts.of;
    for (int64_t first = 0; first < draws; first += N) {
        const Part part = part_of<N>(draws, first);
        take<N>(odds, odds_rows, part, own_odds);
        take<N>(choice, g.slots, part, own_choice);
        for (int64_t system = 0; squares && system < g.systems; system++) {
            squares_of<N>(g, system, own_odds, own_choice, own);
            give<N>(own, nodes, part, squares + system * nodes * draws);
        }
        if (!deviation) continue;
        deviations_of<N>(g, own_odds, own_choice, own, own_deviation);
        give<N>(own_deviation, g.sets, part, deviation);
    }
    return 0;
}

}  // namespace

// The probability of each node, or its logarithm, in each belief system: `reach`, (belief systems, nodes + 1, draws),
// from `odds`, (belief systems, odds slots, draws), and choices or their logarithms, (slots, draws).
extern "C" int64_t audit_reach(const Graph *graph, const double *odds, const double *choice, int64_t logarithms,
                               int64_t draws, double *reach) {
    return draws == 1 ? reach_nodes<1>(*graph, odds, choice, logarithms, draws, reach)
                      : reach_nodes<8>(*graph, odds, choice, logarithms, draws, reach);
}

// Each decision node's share of its information set's reach in its mover's own odds, `belief`, (nodes, draws), and that
// reach, `mass`, (information sets, draws); see `weigh_rare_sets` for sets whose reach underflows. `logit`: (slots,
// draws), of the choices; `supported`: (information sets, draws), 1 if the odds allow some play to reach the set.
extern "C" int64_t audit_beliefs(const Graph *graph, const double *odds, const double *choice, const double *logit,
                                 const double *supported, int64_t draws, double *belief, double *mass) {
    return draws == 1 ? weigh_nodes<1>(*graph, odds, choice, logit, supported, draws, belief, mass)
                      : weigh_nodes<8>(*graph, odds, choice, logit, supported, draws, belief, mass);
}

// Values of a profile, (nodes + 1, actors, draws), from payments, (rows, draws), and beliefs, (nodes, draws); and what
// each option is worth to its mover, (slots, draws).
extern "C" int64_t audit_values(const Graph *graph, const double *odds, const double *pay, int64_t rows,
                                const double *choice, const double *belief, int64_t draws, double *value,
                                double *worth) {
    return draws == 1 ? value_nodes<1>(*graph, odds, pay, rows, choice, belief, draws, value, worth)
                      : value_nodes<8>(*graph, odds, pay, rows, choice, belief, draws, value, worth);
}

// The information sets, (sets, draws), that the analyst's odds, (odds slots, draws), allow some play to reach: 1, else 0.
extern "C" int64_t audit_supported(const Graph *graph, const double *odds, int64_t draws, double *supported) {
    return draws == 1 ? support_sets<1>(*graph, odds, draws, supported)
                      : support_sets<8>(*graph, odds, draws, supported);
}

// The probability of each ending, (endings, draws), and each expected payoff term, (terms, draws), in the analyst's odds.
extern "C" int64_t pay_terms(const Graph *graph, const Payoffs *paid, const double *odds, const double *choice,
                             int64_t draws, double *endings, double *terms) {
    return draws == 1 ? pay_profiles<1>(*graph, *paid, odds, choice, draws, endings, terms)
                      : pay_profiles<8>(*graph, *paid, odds, choice, draws, endings, terms);
}

// Adds to `total`, (draws), probabilities, (contexts, draws), times amounts.
extern "C" int64_t add_amounts(const double *flow, const double *amounts, int64_t contexts, int64_t draws, double *total) {
    for (int64_t context = 0; context < contexts; context++)
        for (int64_t draw = 0; draw < draws; draw++)
            total[draw] += flow[context * draws + draw] * amounts[context * draws + draw];
    return 0;
}

// See `squares_of`: (belief systems, nodes + 1, draws).
extern "C" int64_t audit_squares(const Graph *graph, const double *odds, const double *choice, int64_t draws,
                                 double *squares) {
    return draws == 1 ? square_nodes<1>(*graph, odds, choice, draws, squares, nullptr)
                      : square_nodes<8>(*graph, odds, choice, draws, squares, nullptr);
}

// See `deviations_of`: (information sets, draws).
extern "C" int64_t audit_deviations(const Graph *graph, const double *odds, const double *choice, int64_t draws,
                                    double *deviation) {
    return draws == 1 ? square_nodes<1>(*graph, odds, choice, draws, nullptr, deviation)
                      : square_nodes<8>(*graph, odds, choice, draws, nullptr, deviation);
}
