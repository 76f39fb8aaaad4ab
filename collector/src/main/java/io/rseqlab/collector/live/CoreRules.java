package io.rseqlab.collector.live;

import io.rseqlab.collector.machine.MachineProfile;

/** How the figures of a profile's core follow from what the native driver measures. */
final class CoreRules {
    /** A misprediction as measured holds the branch's own cycle and the four of the store behind it. */
    private static final double BRANCH_AND_STORE_CYCLES = 5;

    /** What a loop takes of the width that its body is measured to have, at most. */
    private static final double LOOP_SHARE = 0.25;

    /** No-operations that take less than other instructions by this factor are not taken one by one. */
    private static final double PAIRED = 1.7;

    /** Below this a value does not wait for its way through memory: the core renames it. */
    private static final double RENAMED_CYCLES = 0.5;

    /** An exchange with stores beside it that takes this much longer waits for them: 1.0 on a Zen 4, 1.3 on a Zen 5. */
    private static final double HELD_UP = 1.15;

    /** A store that holds an exchange up for less leaves the store buffer as soon as it can. */
    private static final double SEEN_CYCLES = 2;

    /** Between the first of two misses in a row and what comes behind the second. */
    private static final int LOADS_BETWEEN = 2;

    /** Where additions run out at fewer than this share of what no-operations do, it is of registers. */
    private static final double SCARCE = 0.9;

    private static final double ADDITIONS_PER_LOCKED = 10;

    /** Lines that take less than this of others are found by a prefetcher now and then; 0.65 on a Zen 5. */
    private static final double FOUND = 0.85;

    private final Rounds rounds;
    private final MachineProfile other;

    private CoreRules(Rounds rounds, MachineProfile other) {
        this.rounds = rounds;
        this.other = other;
    }

    /** Finds the figures of table {@code [core]}. */
    static void add(Rounds rounds, MachineProfile other) {
        CoreRules rules = new CoreRules(rounds, other);
        rules.frontEnd();
        rules.entries();
        rules.loadsAndStores();
        rules.prediction();
        rules.lockedOperations();
    }

    /** A Zen 4 takes two no-operations for one, twelve a cycle, and six of anything else. */
    private static CostSample dispatchWidth(NativeCosts round) {
        CostSample one = paired(round) ? round.cycles("mixed_independent") : round.cycles("nop");
        return one == null ? null : CostSample.count(Math.ceil(1 / one.p50() - LOOP_SHARE));
    }

    private static boolean paired(NativeCosts round) {
        CostSample nop = round.cycles("nop");
        CostSample mixed = round.cycles("mixed_independent");
        return nop != null && mixed != null && mixed.p50() > PAIRED * nop.p50();
    }

    private void frontEnd() {
        rounds.capacity(
                "core.dispatch_width",
                "nop: that many a core cycle, the loop around them apart; mixed_independent where they go in pairs",
                CoreRules::dispatchWidth);
        rounds.assumed("core.retire_width", "no probe tells it from the dispatch width");
        rounds.capacity("core.taken_branches_per_cycle", "jump, turn: the more of them a core cycle", round -> {
            CostSample jump = round.cycles("jump");
            CostSample turn = round.cycles("turn");
            return jump == null || turn == null
                    ? null
                    : CostSample.count(Math.round(10 / Math.min(jump.p50(), turn.p50())) / 10.0);
        });
        rounds.measured(
                "core.taken_branch_bubble",
                "jump_over_five, jump_over_eight: the mean of what they take beyond six and nine operations",
                CoreRules::bubble);
        rounds.measured("core.call_spacing", "call_return_and_jumps less four times jump, halved", round -> {
            CostSample both = round.cycles("call_return_and_jumps");
            CostSample jump = round.cycles("jump");
            return both == null || jump == null
                    ? null
                    : both.less(4 * jump.p50()).times(0.5, "cycle");
        });
    }

    private void loadsAndStores() {
        rounds.assumed("core.store_done", "no probe shows it alone");
        rounds.measured("core.store_forward", "counter_in_memory less add_chain", round -> {
            CostSample way = forwarding(round);
            return way == null || way.p50() >= RENAMED_CYCLES ? way : way.times(0, "cycle");
        });
        rounds.assumed("core.store_forward_done", "no probe shows it alone");
        rounds.measured("core.store_forward_predicted", "as store_forward", round -> {
            CostSample way = forwarding(round);
            return way == null ? null : CostSample.count(way.p50() < RENAMED_CYCLES ? 1 : 0);
        });
        rounds.capacity("core.stores_per_cycle", "store_independent", round -> {
            CostSample store = round.cycles("store_independent");
            return store == null ? null : CostSample.count(Math.max(1, Math.round(1 / store.p50())));
        });
        rounds.measured(
                "core.neighbour_lines",
                "whether lines beside each other take less than others: load_dirty_neighbours",
                CoreRules::neighbours);
    }

    private static CostSample neighbours(NativeCosts round) {
        CostSample beside = round.get("load_dirty_neighbours");
        CostSample apart = round.get("load_dirty_at_random");
        return CalibrationRules.onOneCore(round) || beside == null || apart == null
                ? null
                : CostSample.count(beside.p50() < FOUND * apart.p50() ? 1 : 0);
    }

    private void prediction() {
        rounds.measured("core.mispredict_refill", "mispredict, less 5 for the branch and a store behind it", round -> {
            CostSample whole = round.cycles("mispredict");
            return whole == null ? null : whole.less(BRANCH_AND_STORE_CYCLES);
        });
        rounds.capacity("core.max_predicted_trip", "longest_predicted_trip", round -> {
            CostSample trip = round.get("longest_predicted_trip");
            return trip == null ? null : CostSample.count(trip.p50());
        });
    }

    /** Blocks that end in a taken branch, of five other operations and of eight. */
    private static CostSample bubble(NativeCosts round) {
        CostSample width = dispatchWidth(round);
        CostSample five = round.cycles("jump_over_five");
        CostSample eight = round.cycles("jump_over_eight");
        if (width == null || five == null || eight == null) {
            return null;
        }
        double beyond = Math.max(0, (five.p50() + eight.p50() - 15 / width.p50()) / 2);
        return new CostSample("cycle", beyond, beyond, beyond);
    }

    /** What runs out first behind a load that misses; two loads stand between that many other instructions. */
    private void entries() {
        rounds.capacity("core.window", "window_mixture, and two loads", round -> {
            CostSample mixture = round.get("window_mixture");
            return mixture == null ? null : CostSample.count(mixture.p50() + LOADS_BETWEEN);
        });
        if (rounds.entries(CoreRules::registers) < SCARCE * rounds.entries(round -> round.get("window_mixture"))) {
            rounds.capacity("core.registers", "window_additions, and two loads", CoreRules::registers);
            rounds.capacity(
                    "core.locked_registers",
                    "window_additions_and_locked: a compare-and-swap behind each ten additions",
                    round -> {
                        CostSample groups = round.get("window_additions_and_locked");
                        CostSample all = registers(round);
                        return groups == null || all == null
                                ? null
                                : CostSample.count(Math.max(
                                        1, Math.round(all.p50() / (groups.p50() + 0.5) - ADDITIONS_PER_LOCKED)));
                    });
        }
        rounds.capacity("core.store_buffer", "window_stores", round -> round.get("window_stores"));
        rounds.capacity("core.taken_in_flight", "window_jumps", round -> round.get("window_jumps"));
    }

    private static CostSample registers(NativeCosts round) {
        CostSample additions = round.get("window_additions");
        return additions == null ? null : CostSample.count(additions.p50() + LOADS_BETWEEN);
    }

    /** Where a locked operation executes as the oldest, behind all stores, these hold the next one up. */
    private void lockedOperations() {
        rounds.measured("core.locked", "lock_cmpxchg");
        double exchange = rounds.time(round -> round.get("xchg"));
        double withStores = rounds.time(round -> round.get("xchg_and_12_stores"));
        boolean oldest = other.costs().getOrDefault("core.locked_oldest", 0.0) > 0;
        if (exchange > 0 && withStores > 0) {
            oldest = withStores > HELD_UP * exchange;
            rounds.measured("core.exchange", "xchg");
            rounds.known("core.locked_oldest", oldest ? 1 : 0, "count", "xchg_and_12_stores against xchg");
        }
        rounds.measured("core.locked_128", oldest ? "lock_cmpxchg16b_alone" : "lock_cmpxchg16b");
        if (oldest && rounds.time(CoreRules::storeLeaves) > SEEN_CYCLES) {
            rounds.measured("core.store_leaves", "xchg_and_store less xchg", CoreRules::storeLeaves);
        }
        if (!oldest) { // else no-operations wait to retire behind it, and what they lose is no dispatch
            dispatchBehind("core.locked_dispatch", "lock_cmpxchg_and_200_nops");
            dispatchBehind("core.locked_128_dispatch", "lock_cmpxchg16b_and_200_nops");
        }
        rounds.measured("core.fence", "mfence");
        rounds.measured("core.pause", "pause");
    }

    private void dispatchBehind(String key, String probe) {
        rounds.measured(key, probe + " less nops_200", round -> round.cyclesBeyond(probe, "nops_200"));
    }

    private static CostSample storeLeaves(NativeCosts round) {
        return round.cyclesBeyond("xchg_and_store", "xchg");
    }

    private static CostSample forwarding(NativeCosts round) {
        return round.cyclesBeyond("counter_in_memory", "add_chain");
    }
}
