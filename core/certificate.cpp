// The certificate of a block of draws, from scratch, eight draws side by side: reach, beliefs, values, the violation of
// the logit equations, regret, and what play comes to.

#include "audit_rules.hpp"
#include "flows.hpp"
#include "regret.hpp"

namespace {

using namespace audit;

// A block of draws and profiles in them, (rows, draws) in each array. `logit`: of the choices, used if probabilities
// underflow. `sizes`: (rows), the sizes of the numbers that payments were computed from; they are read only in draws
// that are `large`, in which rounding may matter. `recalls`: (actors), whether an actor has perfect recall.
struct Judged {
    const double *odds, *pay, *rationality, *supported, *choice, *logit, *sizes;
    const uint8_t *large, *recalls;
    int64_t rows, draws;
    double precision;
};

// What is found, the draw last. (slots): `worth`, what each option is worth to its mover. (information sets): `reached`,
// in the analyst's odds. (endings), (terms), (actors): as named. (draws): `residual`, the largest distance of a choice
// from its response, infinite if a number is NaN; `spread`, the widest difference of an actor's logits; `doubt`, how far
// rounding can have moved a choice.
struct Certificate {
    double *worth, *reached, *endings, *terms, *own_eyes, *residual, *spread, *doubt, *once, *regret;
};

// Working memory in lanes, and what is found of them.
template <int N> struct Workplace {
    double *odds, *pay, *rationality, *supported, *choice, *log_choice;
    double *node, *weight, *value, *flow, *mass, *high, *deviation, *ahead, *gain, *response, *before, *low, *top;
    Certificate found;
};

// Fills `residual`, `spread` and `once`, (actors), the highest gain from another choice at one information set, at sets
// that their mover's own odds reach.
template <int N> void violations_of(const Graph &g, const Sets &sets, Workplace<N> &at) {
    Lanes<N> residual = fill<N>(0.0), spread = fill<N>(0.0);
    for (int64_t actor = 0; actor < g.actors; actor++) {
        store<N>(at.found.once + actor * N, fill<N>(0.0));
        store<N>(at.low + actor * N, fill<N>(INFINITE));
        store<N>(at.top + actor * N, fill<N>(-INFINITE));
    }
    for (int64_t set = 0; set < g.sets; set++) {
        const int64_t mover = sets.movers[set] * N, first = sets.first_slots[set], last = first + sets.options[set];
        const Flags<N> counts = load<N>(at.mass + set * N) > 0.0;
        const Lanes<N> rationality = load<N>(at.rationality + mover);
        Lanes<N> best = fill<N>(-INFINITE), least = fill<N>(INFINITE), mean = fill<N>(0.0), total = fill<N>(0.0);
        for (int64_t slot = first; slot < last; slot++) {
            const Lanes<N> worth = load<N>(at.found.worth + slot * N);
            best = largest<N>(worth, best);
            least = where<N>(worth < least, worth, least);
            mean += load<N>(at.choice + slot * N) * worth;
        }
        if (g.rules[sets.movers[set]] == LOGIT) {
            for (int64_t slot = first; slot < last; slot++) {
                const Lanes<N> behind = rationality * (load<N>(at.found.worth + slot * N) - best);
                const Lanes<N> raised = where<N>(behind == behind, exponential<N>(behind), behind);
                store<N>(at.response + slot * N, raised);
                total += raised;
            }
            total = 1.0 / total;
        } else {
            total = fill<N>(1.0);
        }
        for (int64_t slot = first; slot < last; slot++) {
            const Lanes<N> response = load<N>(at.response + slot * N) * total;
            const Lanes<N> distance = magnitude<N>(response - load<N>(at.choice + slot * N));
            const Lanes<N> known = where<N>(distance < INFINITE, distance, fill<N>(INFINITE));
            residual = where<N>(counts & ~(distance <= residual), known, residual);
        }
        double *once = at.found.once + mover;
        store<N>(once, where<N>(counts, largest<N>(best - mean, load<N>(once)), load<N>(once)));
        store<N>(at.top + mover, where<N>(counts, largest<N>(best, load<N>(at.top + mover)), load<N>(at.top + mover)));
        const Lanes<N> low = load<N>(at.low + mover);
        store<N>(at.low + mover, where<N>(counts & (least < low), least, low));
    }
    for (int64_t actor = 0; actor < g.actors; actor++) {
        const Lanes<N> high = load<N>(at.top + actor * N), low = load<N>(at.low + actor * N);
        const Lanes<N> wide = load<N>(at.rationality + actor * N) * (high - low);
        spread = where<N>((high > low) & (wide > spread), wide, spread);
    }
    store<N>(at.found.residual, residual);
    store<N>(at.found.spread, spread);
}

// One over one plus the exponential.
template <int N> INLINE Lanes<N> against(Lanes<N> lanes) {
    return 1.0 / (1.0 + exponential<N>(where<N>(lanes > 700.0, fill<N>(700.0), lanes)));
}

// Fills `doubt` in draws that are `large`: how far rounding can have moved a logit response, infinite if a number is NaN.
// `size`: (slots), the sizes of the numbers that an option's worth was computed from.
template <int N>
void doubts_of(const Graph &g, const Sets &sets, double precision, const double *size, Flags<N> large, Workplace<N> &at) {
    Lanes<N> doubt = fill<N>(0.0);
    for (int64_t set = 0; set < g.sets; set++) {
        const int64_t mover = sets.movers[set], first = sets.first_slots[set], last = first + sets.options[set];
        Lanes<N> most = fill<N>(0.0);
        for (int64_t slot = first; slot < last; slot++)
            most = largest<N>(2.0 * precision * load<N>(size + slot * N), most);
        store<N>(at.ahead + set * N, most);
        if (last - first == 1 || g.rules[mover] != LOGIT) continue;
        const Flags<N> counts = large & (load<N>(at.mass + set * N) > 0.0);
        const Lanes<N> rationality = load<N>(at.rationality + mover * N), lost = most * rationality;
        for (int64_t slot = first; slot < last; slot++) {
            // the logarithm of the odds against an option, and the worst case after rounding
            const Lanes<N> own = load<N>(at.found.worth + slot * N);
            Lanes<N> best = fill<N>(-INFINITE), total = fill<N>(0.0);
            for (int64_t other = first; other < last; other++)
                if (other != slot) best = largest<N>(rationality * (load<N>(at.found.worth + other * N) - own), best);
            for (int64_t other = first; other < last; other++)
                if (other != slot)
                    total += exponential<N>(rationality * (load<N>(at.found.worth + other * N) - own) - best);
            const Lanes<N> odds = best + logarithm<N>(total), sum = odds + lost;
            const Lanes<N> distance =
                where<N>((sum == sum) & (own == own), against<N>(odds - lost) - against<N>(sum), fill<N>(NOT_A_NUMBER));
            const Lanes<N> known = where<N>(distance < INFINITE, distance, fill<N>(INFINITE));
            doubt = where<N>(counts & ~(distance <= doubt), known, doubt);
        }
    }
    store<N>(at.found.doubt, doubt);
}

// The same of movers with other rules than logit: an option and the others err in opposite directions.
template <int N>
void doubts_by_rule(const Graph &g, const Sets &sets, const Quadrature &over, Flags<N> large, Workplace<N> &at) {
    responses_of<N>(g, sets, over, at.found.worth, at.rationality, at.deviation, at.ahead, 1.0, at.response);
    responses_of<N>(g, sets, over, at.found.worth, at.rationality, at.deviation, at.ahead, -1.0, at.before);
    Lanes<N> doubt = load<N>(at.found.doubt);
    for (int64_t set = 0; set < g.sets; set++) {
        if (g.rules[sets.movers[set]] == LOGIT) continue;
        const Flags<N> counts = large & (load<N>(at.mass + set * N) > 0.0);
        for (int64_t slot = sets.first_slots[set]; slot < sets.first_slots[set] + sets.options[set]; slot++) {
            const Lanes<N> distance = load<N>(at.response + slot * N) - load<N>(at.before + slot * N);
            const Lanes<N> known = where<N>(distance < INFINITE, distance, fill<N>(INFINITE));
            doubt = where<N>(counts & ~(distance <= doubt), known, doubt);
        }
    }
    store<N>(at.found.doubt, doubt);
}

// Values, options' worth and regret, one actor after another.
template <int N> void values_and_regret(const Graph &g, const Judged &block, const Sets &sets, Workplace<N> &at) {
    memset(at.found.worth, 0, g.slots * N * sizeof(double));
    for (int64_t actor = 0; actor < g.actors; actor++) {
        values_of<N>(g, actor, at.odds, at.pay, at.choice, at.weight, at.mass, at.value, at.found.worth);
        const Lanes<N> begun = load<N>(at.pay + g.root_pay[actor] * (int64_t)N);
        const Lanes<N> here = load<N>(at.value + g.root * N) + begun;
        store<N>(at.found.own_eyes + actor * N, here);
        store<N>(at.found.regret + actor * N, fill<N>(NOT_A_NUMBER));
        if (!block.recalls[actor]) continue;
        const double *weight = at.weight;
        if (!weighed<N>(g, actor, sets.movers, at.mass, at.supported)) {
            reach_if_tried<N>(g, actor, at.odds, at.choice, at.node);
            weight = at.node;
        }
        reply_best<N>(g, actor, at.odds, at.pay, at.choice, weight, at.value, at.gain, at.high);
        const Lanes<N> gain = load<N>(at.value + g.root * N) + begun - here;
        store<N>(at.found.regret + actor * N, where<N>(gain > 0.0, gain, where<N>(gain == gain, fill<N>(0.0), gain)));
    }
}

// Judges the draws that the lanes hold.
template <int N>
void judge(const Graph &g, const Judged &block, const Sets &sets, const Payoffs &paid, const Quadrature &over,
           bool other_rules, const Part &part, Workplace<N> &at) {
    take<N>(block.odds, g.systems * g.odds_slots, part, at.odds);
    take<N>(block.pay, block.rows, part, at.pay);
    take<N>(block.rationality, g.actors, part, at.rationality);
    take<N>(block.supported, g.sets, part, at.supported);
    take<N>(block.choice, g.slots, part, at.choice);
    memset(at.mass, 0, g.sets * N * sizeof(double));
    memset(at.found.reached, 0, g.sets * N * sizeof(double));
    flow_of<N>(g, paid, at.odds, at.choice, at.node, at.flow);
    pay_out<N>(paid, part, at.flow, at.found.endings, at.found.terms);
    weigh_sets<N>(g, 0, at.node, at.weight, at.mass);
    for (int64_t group = 0; group < g.groups; group++)
        if (g.group_set[group] >= 0)
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++)
                add<N>(at.found.reached + g.group_set[group] * (int64_t)N, load<N>(at.node + node * N));
    for (int64_t system = 1; system < g.systems; system++) {
        reach_of<N>(g, system, g.until[system], at.odds, at.choice, at.node);
        weigh_sets<N>(g, system, at.node, at.weight, at.mass);
    }
    const Flags<N> lost = lost_lanes<N>(g, at.mass, at.supported);
    if (any<N>(lost)) {
        take<N>(block.logit, g.slots, part, at.gain);
        log_choices_of<N>(g, at.gain, at.log_choice);
        weigh_rare_sets<N>(g, lost, at.odds, at.log_choice, at.node, at.high, at.weight, at.mass);
    }
    values_and_regret<N>(g, block, sets, at);
    if (other_rules) {
        deviations_of<N>(g, at.odds, at.choice, at.node, at.deviation);
        memset(at.ahead, 0, g.sets * N * sizeof(double));
        responses_of<N>(g, sets, over, at.found.worth, at.rationality, at.deviation, at.ahead, 1.0, at.response);
    }
    violations_of<N>(g, sets, at);
    store<N>(at.found.doubt, fill<N>(0.0));
    Flags<N> large = {};
    for (int64_t lane = 0; lane < part.count; lane++) large[lane] = -(int64_t)block.large[part.first + lane];
    if (!any<N>(large)) return;
    take<N>(block.sizes, block.rows, part, at.pay);
    memset(at.gain, 0, g.slots * N * sizeof(double));
    for (int64_t actor = 0; actor < g.actors; actor++)
        values_of<N>(g, actor, at.odds, at.pay, at.choice, at.weight, at.mass, at.value, at.gain);
    doubts_of<N>(g, sets, block.precision, at.gain, large, at);
    if (other_rules) doubts_by_rule<N>(g, sets, over, large, at);
}

template <int N>
int64_t judge_all(const Graph &g, const Judged &block, const Sets &sets, const Payoffs &paid, const Quadrature &over,
                  const Certificate &results) {
    bool other_rules = false;
    for (int64_t actor = 0; actor < g.actors; actor++) other_rules = other_rules || g.rules[actor] != LOGIT;
    Workplace<N> at;
    const int64_t nodes = g.nodes + 1;
    struct {
        double **place;
        int64_t rows;
    } const parts[] = {
        {&at.odds, g.systems * g.odds_slots}, {&at.pay, block.rows}, {&at.rationality, g.actors}, {&at.supported, g.sets},
        {&at.choice, g.slots}, {&at.log_choice, g.slots}, {&at.node, nodes}, {&at.weight, nodes}, {&at.value, nodes},
        {&at.flow, paid.payoffs}, {&at.mass, g.sets}, {&at.high, g.sets}, {&at.deviation, g.sets}, {&at.ahead, g.sets},
        {&at.gain, g.slots}, {&at.response, g.slots}, {&at.before, g.slots}, {&at.low, g.actors}, {&at.top, g.actors},
        {&at.found.worth, g.slots}, {&at.found.reached, g.sets}, {&at.found.endings, paid.endings},
        {&at.found.terms, paid.terms}, {&at.found.own_eyes, g.actors}, {&at.found.residual, 1}, {&at.found.spread, 1},
        {&at.found.doubt, 1}, {&at.found.once, g.actors}, {&at.found.regret, g.actors},
    };
    int64_t total = 0;
    for (const auto &part : parts) total += Memory::rounded(part.rows * N);
    Memory memory(total);
    if (memory.failed()) return 1;
    for (const auto &part : parts) *part.place = memory.take(part.rows * N);
    for (int64_t first = 0; first < block.draws; first += N) {
        const Part part = part_of<N>(block.draws, first);
        judge<N>(g, block, sets, paid, over, other_rules, part, at);
        give<N>(at.found.worth, g.slots, part, results.worth);
        give<N>(at.found.reached, g.sets, part, results.reached);
        give<N>(at.found.endings, paid.endings, part, results.endings);
        give<N>(at.found.terms, paid.terms, part, results.terms);
        give<N>(at.found.own_eyes, g.actors, part, results.own_eyes);
        give<N>(at.found.residual, 1, part, results.residual);
        give<N>(at.found.spread, 1, part, results.spread);
        give<N>(at.found.doubt, 1, part, results.doubt);
        give<N>(at.found.once, g.actors, part, results.once);
        give<N>(at.found.regret, g.actors, part, results.regret);
    }
    return 0;
}

}  // namespace

// Judges every draw of a block: fills `found`. Returns 1 if there is not enough memory, else 0.
extern "C" int64_t judge_profiles(const Graph *graph, const Judged *block, const Sets *sets, const Payoffs *paid,
                                  const Quadrature *over, const Certificate *found) {
    return block->draws == 1 ? judge_all<1>(*graph, *block, *sets, *paid, *over, *found)
                             : judge_all<8>(*graph, *block, *sets, *paid, *over, *found);
}
