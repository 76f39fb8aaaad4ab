package io.rseqlab.collector.live;

import io.rseqlab.collector.machine.MachineProfile;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How each figure of a profile follows from what the native driver measures. The rules are those by which the shipped
 * profiles were made, so that a profile made here means the same.
 */
final class CalibrationRules {
    private static final double MOST_SPREAD = 2;

    /** A line that the other CPU wrote and that takes less, in hits of the second cache, was in the core's own. */
    private static final double FROM_OWN_CACHE = 3;

    /** What lies evenly between 0 and J has that share of J between its 5th percentile and its median. */
    private static final double WITHIN = 0.45;

    private static final String NO_TICKS = "no gaps at a rate of ticks were seen";

    /** Sizes of the pointer chases, by name, in mebibytes. */
    private static final Map<Integer, String> CHASES = new TreeMap<>(
            Map.of(2, "load_2_mib", 4, "load_4_mib", 8, "load_8_mib", 16, "load_16_mib", 32, "load_32_mib"));

    private final Rounds rounds;
    private final MachineProfile other;
    private final HostFacts host;

    private CalibrationRules(Rounds rounds, MachineProfile other, HostFacts host) {
        this.rounds = rounds;
        this.other = other;
        this.host = host;
    }

    /**
     * What is known of the machine without timing anything.
     *
     * @param cpus number of CPUs
     * @param virtual true where a hypervisor is below
     * @param caches as the kernel describes them
     * @param noisePerS involuntary switches per second of a thread that computes alone on its CPU; null if unknown
     */
    record HostFacts(int cpus, boolean virtual, List<HostCache> caches, Double noisePerS) {}

    /**
     * All figures, in the order of profiles.
     *
     * @param costs rounds of probes, at least one
     * @param other the profile that knows what cannot be measured
     */
    static List<Figure> figures(List<NativeCosts> costs, MachineProfile other, HostFacts host) {
        Rounds rounds = new Rounds(costs, other);
        CalibrationRules rules = new CalibrationRules(rounds, other, host);
        rules.clocks();
        rules.topology();
        CoreRules.add(rounds, other);
        rules.caches();
        rules.transfers();
        rules.kernelCalls();
        rules.interrupts();
        rounds.assumeTheRest("there is no probe for it");
        return rounds.figures();
    }

    private void clocks() {
        rounds.measured(
                "clock_hz",
                "imul: 3 core cycles each",
                round -> new CostSample("hz", round.clockHz(), round.clockHz(), round.clockHz()));
        rounds.measured(
                "tsc_hz", "costs.tsc_hz", round -> new CostSample("hz", round.tscHz(), round.tscHz(), round.tscHz()));
    }

    private void topology() {
        rounds.known("topology.cpus", host.cpus(), "count", "kernel");
        HostCache third = cache(3);
        if (host.virtual() || third == null) {
            String why = third == null ? "the kernel does not say" : "a hypervisor decides, and does not say";
            rounds.assumed("topology.cpus_per_l3", why);
            rounds.assumed("topology.l3_per_socket", why);
        } else {
            rounds.known("topology.cpus_per_l3", third.cpus(), "count", "kernel");
            rounds.assumed("topology.l3_per_socket", "not looked up");
        }
    }

    private HostCache cache(int level) {
        return host.caches().stream()
                .filter(cache -> cache.level() == level)
                .findFirst()
                .orElse(null);
    }

    private void caches() {
        geometry("l1", 1);
        rounds.measured("l1.latency", "load_16_kib");
        geometry("l2", 2);
        rounds.measured("l2.latency", "load_128_kib");
        thirdLevel();
        rounds.measured("l3.latency", "load_2_mib");
        rounds.measured("dram.latency", "load_32_mib");
    }

    private void geometry(String name, int level) {
        HostCache cache = cache(level);
        if (cache == null) {
            rounds.assumed(name + ".bytes", "the kernel does not say");
            rounds.assumed(name + ".ways", "the kernel does not say");
        } else {
            rounds.known(name + ".bytes", cache.bytes(), "byte", "kernel");
            rounds.known(name + ".ways", cache.ways(), "count", "kernel");
        }
    }

    /** Where others hold a part of the cache, what counts is the part that is left. */
    private void thirdLevel() {
        HostCache cache = cache(3);
        double hit = rounds.time(round -> round.get("load_2_mib"));
        double miss = rounds.time(round -> round.get("load_32_mib"));
        int mebibytes = 0;
        StringBuilder seen = new StringBuilder();
        for (Map.Entry<Integer, String> chase : CHASES.entrySet()) {
            double latency = rounds.time(round -> round.get(chase.getValue()));
            seen.append(seen.length() == 0 ? "" : ", ").append(chase.getValue()).append(' ');
            seen.append(Rounds.rounded(latency));
            if (latency < Math.sqrt(hit * miss) && mebibytes * 2 >= chase.getKey() - 2) {
                mebibytes = chase.getKey();
            }
        }
        long whole = cache == null ? Long.MAX_VALUE : cache.bytes();
        if (mebibytes == 0) {
            rounds.assumed("l3.bytes", "the driver could not measure it");
        } else {
            rounds.known("l3.bytes", Math.min(whole, (long) mebibytes << 20), "byte", "what is quick to load: " + seen);
        }
        if (cache == null) {
            rounds.assumed("l3.ways", "the kernel does not say");
        } else {
            rounds.known("l3.ways", cache.ways(), "count", "kernel");
        }
    }

    /**
     * The two CPUs of a round share a third-level cache or not: a hypervisor moves them from one state to the other,
     * and no mean of both is worth anything.
     */
    private boolean near(NativeCosts round) {
        CostSample pingPong = round.get("line_ping_pong_one_way");
        double cycles = pingPong.p50() / round.tscHz() * other.clockHz();
        return cycles <= other.nearPingPongCycles();
    }

    /**
     * Whether the hypervisor had put both CPUs on one core, as its two hardware threads: what the other one has written
     * is in its own caches then, and no transfer.
     */
    static boolean onOneCore(NativeCosts round) {
        CostSample dirty = round.get("load_dirty_at_random");
        CostSample second = round.get("load_128_kib");
        return dirty != null && second != null && dirty.p50() < FROM_OWN_CACHE * second.p50();
    }

    private CostSample transfer(NativeCosts round, boolean near) {
        return round.get("line_ping_pong_one_way") != null && !onOneCore(round) && near(round) == near
                ? round.get("load_dirty_at_random")
                : null;
    }

    private void transfers() {
        String how = "load_dirty_at_random in rounds whose ping-pong was ";
        rounds.measured(
                "transfer.same_l3", how + "short", "no round found the CPUs near each other", r -> transfer(r, true));
        rounds.measured(
                "transfer.other_l3", how + "long", "no round found the CPUs far apart", r -> transfer(r, false));
        if (rounds.figure("transfer.other_l3").assumed()) {
            rounds.assumed("transfer.other_socket", "no round found the CPUs far apart");
        } else {
            rounds.like("transfer.other_socket", "transfer.other_l3", "as other_l3");
        }
        rounds.measured(
                "transfer.upgrade_factor",
                "exchange_of_shared by read_of_written",
                "the probe found the lines shared in some rounds and not in others",
                CalibrationRules::upgrade);
        rounds.measured(
                "transfer.migratory",
                "whether a write behind a read of what the other CPU wrote is cheap: write_behind_read_of_written",
                CalibrationRules::migratory);
        rounds.measured("transfer.jitter", "line_ping_pong_one_way: 1 - p5 / p50", round -> {
            CostSample pingPong = round.get("line_ping_pong_one_way");
            return pingPong == null || onOneCore(round) ? null : CostSample.count(1 - pingPong.p5() / pingPong.p50());
        });
    }

    private static CostSample upgrade(NativeCosts round) {
        CostSample exchange = round.get("exchange_of_shared");
        CostSample read = round.get("read_of_written");
        if (onOneCore(round) || exchange == null || read == null || exchange.p95() > MOST_SPREAD * exchange.p5()) {
            return null;
        }
        if (exchange.p50() < read.p50() / MOST_SPREAD) {
            return null; // the line was not shared when it was exchanged
        }
        return exchange.times(1 / read.p50(), "count");
    }

    private static CostSample migratory(NativeCosts round) {
        CostSample write = round.get("write_behind_read_of_written");
        CostSample read = round.get("read_of_written");
        return onOneCore(round) || write == null || read == null
                ? null
                : CostSample.count(write.p50() * 4 < read.p50() ? 1 : 0);
    }

    private void kernelCalls() {
        tickRate();
        rounds.measured("kernel.syscall", "getppid");
        rounds.measured("kernel.yield", "sched_yield_alone");
        rounds.measured("kernel.switch", "sched_yield_switch less sched_yield_alone", CalibrationRules::switching);
        String half = "futex_ping_pong_switch less the switch, halved";
        rounds.measured("kernel.futex_wait", half, CalibrationRules::futex);
        rounds.measured("kernel.futex_wake", half, CalibrationRules::futex);
        rounds.measured("kernel.futex_again", "futex_wait_again");
        rounds.measured("kernel.futex_wake_nobody", "futex_wake_nobody");
        rounds.measured("kernel.futex_look", "futex_look");
    }

    private void tickRate() {
        double hz = rounds.number("tick_hz");
        if (Double.isNaN(hz)) {
            rounds.assumed("kernel.hz", NO_TICKS);
        } else {
            rounds.known("kernel.hz", hz, "hz", "tick_hz: how often the coarse clock moves");
        }
    }

    private static CostSample switching(NativeCosts round) {
        return round.beyond("sched_yield_switch", "sched_yield_alone");
    }

    private static CostSample futex(NativeCosts round) {
        CostSample pass = round.get("futex_ping_pong_switch");
        CostSample change = switching(round);
        return pass == null || change == null ? null : pass.less(change).times(0.5, pass.unit());
    }

    private void interrupts() {
        rounds.measured(
                "kernel.tick",
                "tick: cycles that a thread which computes loses to one",
                NO_TICKS,
                round -> round.get("tick"));
        rounds.measured(
                "kernel.timer_interrupt",
                "timer_signal less tgkill_round_trip: what a timer's signal takes beyond what a signal does",
                round -> {
                    CostSample timed = round.get("timer_signal");
                    CostSample sent = round.get("tgkill_round_trip");
                    return timed == null || sent == null ? null : timed.less(sent);
                });
        rounds.measured(
                "kernel.ipi",
                "membarrier_to_interrupt: from the call to the other CPU's interrupt",
                round -> round.get("membarrier_to_interrupt"));
        rounds.measured(
                "kernel.ipi_handler",
                "membarrier_interrupt: what a thread that computes loses to it",
                round -> round.get("membarrier_interrupt"));
        rounds.measured("kernel.wake_idle", "futex_wake_idle_cpu");
        rounds.measured(
                "kernel.ipi_send",
                "futex_wake_idle_call less futex_wake_nobody: what the call takes longer that wakes an idle CPU",
                round -> round.beyond("futex_wake_idle_call", "futex_wake_nobody"));
        rounds.measured("kernel.signal", "tgkill_to_handler");
        rounds.measured("kernel.signal_return", "tgkill_round_trip less tgkill_to_handler", round -> {
            CostSample whole = round.get("tgkill_round_trip");
            CostSample there = round.get("tgkill_to_handler");
            return whole == null || there == null ? null : whole.less(there);
        });
        String killed = "a kernel that forbids system calls in sections does not let it be measured";
        rounds.difference(
                "kernel.abort", "yield_inside_section less yield_outside_section", killed, round -> round.get("abort"));
        rounds.assumed("kernel.migrate", "no probe shows it alone");
        rounds.measured("kernel.timer_lateness", "timer_signal_lateness");
        if (host.noisePerS() == null) {
            rounds.assumed("kernel.noise_per_s", "others used the CPUs meanwhile");
        } else {
            String how =
                    "switched out that often a second while computing alone on a CPU (sched --threads hog@0,hog@1)";
            rounds.known("kernel.noise_per_s", host.noisePerS(), "hz", how);
        }
        rounds.assumed("kernel.noise_run", "no probe shows it alone");
        rounds.measured("kernel.tick_jitter", "tick_lateness: p50 - p5, by 0.45", NO_TICKS, round -> {
            CostSample lateness = round.get("tick_lateness");
            if (lateness == null) {
                return null;
            }
            double jitter = (lateness.p50() - lateness.p5()) / WITHIN;
            return new CostSample(lateness.unit(), jitter, jitter, jitter);
        });
    }
}
