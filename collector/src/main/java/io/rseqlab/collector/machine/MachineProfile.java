package io.rseqlab.collector.machine;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A machine: topology, geometry and every cost, in core cycles unless the name says otherwise. Profiles are data files;
 * {@link ProfileReader} reads them.
 *
 * @param name the profile's name
 * @param clockHz core clock, the clock of simulated time
 * @param cpus number of CPUs
 * @param cpusPerCluster CPUs that share a third-level cache
 * @param clustersPerSocket third-level caches on one socket
 * @param costs every number of the profile by dotted key, converted to cycles where it is a time
 * @param facts every number as written, with unit and source
 * @param error how far its predicted throughputs were from measured ones; null where none is documented
 */
public record MachineProfile(
        String name,
        long clockHz,
        int cpus,
        int cpusPerCluster,
        int clustersPerSocket,
        Map<String, Double> costs,
        List<Fact> facts,
        ValidatedError error) {

    private static final double PING_PONG_TRANSFERS = 1.7;

    /** A machine without a documented error. */
    public MachineProfile(
            String name,
            long clockHz,
            int cpus,
            int cpusPerCluster,
            int clustersPerSocket,
            Map<String, Double> costs,
            List<Fact> facts) {
        this(name, clockHz, cpus, cpusPerCluster, clustersPerSocket, costs, facts, null);
    }

    /**
     * One number of a profile as its file states it.
     *
     * @param key dotted key
     * @param value number
     * @param unit unit it is written in
     * @param low the least that it may be, in that unit; null where no range is known
     * @param high the most that it may be; null where no range is known
     * @param source where it comes from
     * @param assumed true where nobody measured it on that machine
     */
    public record Fact(String key, double value, String unit, Double low, Double high, String source, boolean assumed) {
        /** A number without a range. */
        public Fact(String key, double value, String unit, String source, boolean assumed) {
            this(key, value, unit, null, null, source, assumed);
        }

        /** True if the number is known as a range: only then can it be drawn. */
        public boolean ranged() {
            return low != null && low < high && value > 0;
        }

        Fact withValue(double other) {
            return new Fact(key, other, unit, low, high, source, assumed);
        }
    }

    /** A number by key. */
    public double cost(String key) {
        Double value = costs.get(key);
        if (value == null) {
            throw new IllegalArgumentException("machine " + name + " does not say " + key);
        }
        return value;
    }

    /** A number by key that only profiles of machines that differ state; {@code otherwise} where this one does not. */
    public double costOr(String key, double otherwise) {
        return costs.getOrDefault(key, otherwise);
    }

    /** A time in whole cycles. */
    public long cycles(String key) {
        return Math.round(cost(key));
    }

    private int whole(String key) {
        return Math.toIntExact(cycles(key));
    }

    /**
     * How many micro-operations the core may have under way, or, if registers run out first, how many that write one.
     */
    public int window() {
        return registersRunOut() ? (int) costOr("core.registers", 0) : whole("core.window");
    }

    /** True if free registers limit what is under way. */
    public boolean registersRunOut() {
        return costOr("core.registers", 0) > 0;
    }

    /** True if the machine has hardware transactions: profiles of machines that have none say nothing of their cost. */
    public boolean offersTransactions() {
        return costs.containsKey("core.tx_begin");
    }

    /** From a store's retirement until it leaves the store buffer, at least. */
    double storeLeavesCycles() {
        return costOr("core.store_leaves", cost("core.store_done"));
    }

    public int storeBuffer() {
        return whole("core.store_buffer");
    }

    public int l1Bytes() {
        return whole("l1.bytes");
    }

    public int l1Ways() {
        return whole("l1.ways");
    }

    public long l1Cycles() {
        return cycles("l1.latency");
    }

    public int l2Bytes() {
        return whole("l2.bytes");
    }

    public int l2Ways() {
        return whole("l2.ways");
    }

    public long l2Cycles() {
        return cycles("l2.latency");
    }

    public int l3Bytes() {
        return whole("l3.bytes");
    }

    public int l3Ways() {
        return whole("l3.ways");
    }

    public long l3Cycles() {
        return cycles("l3.latency");
    }

    public long dramCycles() {
        return cycles("dram.latency");
    }

    /** The third-level cache a CPU belongs to. */
    public int clusterOf(int cpu) {
        return cpu / cpusPerCluster;
    }

    /** Cost of fetching a line from another core's cache. */
    public long transferCycles(int a, int b) {
        int clusterA = clusterOf(a);
        int clusterB = clusterOf(b);
        if (clusterA == clusterB) {
            return cycles("transfer.same_l3");
        }
        return clusterA / clustersPerSocket == clusterB / clustersPerSocket
                ? cycles("transfer.other_l3")
                : cycles("transfer.other_socket");
    }

    /**
     * What a ping-pong over one line takes one way between the first two CPUs. One way is a store and a load that waits
     * for it, and takes 1.3 to 1.9 times a load of a line that another CPU has written (a Zen 4 and two of Zen 5, CPUs
     * near each other and apart), where the profile does not say.
     */
    public double pingPongCycles() {
        return costOr("transfer.ping_pong", PING_PONG_TRANSFERS) * transferCycles(0, 1);
    }

    /** The most that it takes between CPUs that share a third-level cache: half way by ratio between near and far. */
    public double nearPingPongCycles() {
        return Math.sqrt(pingPongCycles() * apart().pingPongCycles());
    }

    /** True if this machine was held against a real one of as many CPUs. */
    public boolean validated() {
        return error != null && cpus <= error.cpus();
    }

    /** The same machine with another number of CPUs. */
    public MachineProfile withCpus(int newCpus) {
        return new MachineProfile(name, clockHz, newCpus, cpusPerCluster, clustersPerSocket, costs, facts, error);
    }

    /** True if the profile knows some of its numbers as ranges. */
    public boolean ranged() {
        return facts.stream().anyMatch(Fact::ranged);
    }

    /**
     * The same machine with other values of the numbers that are known as ranges; all else stays.
     *
     * @param draw a value for a number, in the unit of its fact
     */
    public MachineProfile drawn(ToDoubleFunction<Fact> draw) {
        Map<String, Double> other = new LinkedHashMap<>(costs);
        List<Fact> values = facts.stream()
                .map(fact -> fact.ranged() ? fact.withValue(draw.applyAsDouble(fact)) : fact)
                .toList();
        for (int i = 0; i < values.size(); i++) {
            double ratio =
                    facts.get(i).ranged() ? values.get(i).value() / facts.get(i).value() : 1;
            other.computeIfPresent(facts.get(i).key(), (key, cost) -> cost * ratio);
        }
        return new MachineProfile(name, clockHz, cpus, cpusPerCluster, clustersPerSocket, other, values, error);
    }

    /** The same machine as if no two CPUs shared a third-level cache: a host may place virtual CPUs like that. */
    public MachineProfile apart() {
        return new MachineProfile(name, clockHz, cpus, 1, clustersPerSocket * cpusPerCluster, costs, facts, error);
    }

    /**
     * The same machine below a host that takes each CPU away so often and for so long.
     *
     * @param seconds each time
     */
    public MachineProfile stolen(double perSecond, double seconds) {
        Map<String, Double> other = new HashMap<>(costs);
        other.put("steal.per_s", perSecond);
        other.put("steal.gap", seconds * clockHz);
        return new MachineProfile(
                name, clockHz, cpus, cpusPerCluster, clustersPerSocket, Map.copyOf(other), facts, error);
    }

    /**
     * The same machine while its cores run at another clock, as boosting and idle neighbours have it: what lies outside
     * the cores takes as long as before, what happens inside them as many cycles.
     */
    public MachineProfile atClock(long hz) {
        double ratio = (double) hz / clockHz;
        Map<String, Double> scaled = new HashMap<>(costs);
        for (Fact fact : facts) {
            if (outside(fact)) {
                scaled.computeIfPresent(fact.key(), (key, cycles) -> cycles * ratio);
            }
        }
        return new MachineProfile(name, hz, cpus, cpusPerCluster, clustersPerSocket, Map.copyOf(scaled), facts, error);
    }

    private static boolean outside(Fact fact) {
        boolean uncore = fact.key().equals("l3.latency")
                || fact.key().equals("dram.latency")
                || fact.key().startsWith("transfer.") && !fact.unit().equals("count");
        return uncore || List.of("s", "ms", "us", "ns").contains(fact.unit());
    }

    /** Cycles of a time in seconds. */
    public long cyclesOf(double seconds) {
        return Math.round(seconds * clockHz);
    }
}
