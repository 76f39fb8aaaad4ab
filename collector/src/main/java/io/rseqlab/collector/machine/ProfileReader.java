package io.rseqlab.collector.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * Reads machine profiles from TOML. Every number is a table {@code { value, unit, low, high, source, assumed }}, where
 * {@code low} and {@code high} stand for numbers that are known as a range; units are cycle, tsc, ns, us, ms, byte, hz,
 * count. Times become core cycles. A table {@code [validation]} documents how far predicted throughputs were from
 * measured ones.
 */
public final class ProfileReader {
    /** Profiles that come with the program. */
    public static final List<String> SHIPPED = List.of(
            "zen5-vm-2",
            "turin-vm-2",
            "turin-2096-vm-2",
            "zen4-vm-2",
            "zen3-vm-2",
            "granite-vm-2",
            "generic-64",
            "epyc-9654-384",
            "xeon-e5-2630v3-16",
            "xeon-e5-2665-16",
            "i7-4770-4",
            "i7-4600u-2",
            "cortex-a7-2");

    /**
     * Numbers that a profile states only where its machine differs from what the code otherwise assumes, which stands
     * where they are read: whether a locked operation waits until earlier stores have left the store buffer and holds
     * later loads up; whether it executes only when it is the oldest, its value known before; whether it waits for
     * earlier loads; whether one that compares takes effect at its end, and whether dispatch goes on while a locked
     * operation waits for its effect; whether stores are seen by other cores only when they are in the cache; how many
     * loads can wait for their lines; how old a store must be for a load that it feeds to be done as soon as one that
     * hits; whether the store that feeds a load is found when the load is dispatched; whether a load that a store feeds
     * waits for its line; whether a load is done again whose line was taken before earlier loads were done; what an
     * exchange takes; how long a store stays in the store buffer once it is retired, and how many leave it in a cycle;
     * the turn at which a loop that is too long to be predicted is guessed to end; registers, if they run out before
     * the window, and how many of them a locked operation takes, and one of 16 bytes; for how long nothing is
     * dispatched behind a compare-and-swap, and one of 16 bytes; taken branches under way; after how many equal
     * strides, and how many lines ahead, loads are asked for; whether a line that was not there brings a neighbour;
     * cycles from a call or a return to the next taken branch; in which share of places a loop that is one branch takes
     * it once a cycle at most, and up to how many turns it never does; where there are hardware transactions, what it
     * takes to begin, to commit and to undo one; by which share a transfer takes longer of a line that is fought for,
     * and for which share of one it stays with its owner once it is asked for, both also on one third-level cache; how
     * many transfers a ping-pong takes one way; what an interrupt costs its sender; what getcpu costs that does not
     * enter the kernel; what a page fault costs; how likely a new thread is still busy when the next is created; how
     * often a second the host takes each CPU away, and for how long.
     */
    public static final List<String> OPTIONAL = List.of(
            "core.locked_drains",
            "core.locked_oldest",
            "core.locked_behind_loads",
            "core.compare_at_end",
            "core.locked_goes_on",
            "core.stores_unseen",
            "core.waiting_loads",
            "core.store_forward_old",
            "core.store_forward_at_dispatch",
            "core.ordering_clear",
            "core.store_forward_needs_line",
            "core.store_leaves",
            "core.exchange",
            "core.stumble_turn",
            "core.stores_per_cycle",
            "core.registers",
            "core.locked_registers",
            "core.locked_128_registers",
            "core.locked_dispatch",
            "core.locked_128_dispatch",
            "core.taken_in_flight",
            "core.stride_training",
            "core.stride_ahead",
            "core.neighbour_lines",
            "core.call_spacing",
            "core.unpaired_loops",
            "core.paired_turns",
            "core.tx_begin",
            "core.tx_end",
            "core.tx_abort",
            "transfer.fought_for",
            "transfer.fought_for_same_l3",
            "transfer.stays",
            "transfer.stays_same_l3",
            "transfer.ping_pong",
            "kernel.ipi_send",
            "kernel.getcpu",
            "kernel.page_fault",
            "kernel.start_busy",
            "steal.per_s",
            "steal.gap");

    private static final String DEFAULTS = "generic-64";

    /** What machines say that have hardware transactions. */
    private static final List<String> TRANSACTIONS = List.of("core.tx_begin", "core.tx_end", "core.tx_abort");

    private static final String VALIDATION = "validation";

    /** Shipped profiles that were asked for before: each run of a sweep asks again. */
    private static final Map<String, MachineProfile> PARSED = new ConcurrentHashMap<>();

    private ProfileReader() {}

    /** A shipped profile by name; null if there is none of that name. */
    public static MachineProfile shipped(String name) {
        MachineProfile known = PARSED.get(name);
        if (known == null && SHIPPED.contains(name)) {
            known = parse(resource(name), name);
            PARSED.put(name, known);
        }
        return known;
    }

    /**
     * The shipped profile of a processor, by what its {@code [host]} says: vendor, family and, where a family covers
     * several designs, model. A design is sold with several rates of the time stamp counter, below several hypervisors:
     * of its profiles that of the nearest rate.
     *
     * @param tscHz rate of its time stamp counter, NaN if unknown
     * @return its name, null if there is none
     */
    public static String shippedFor(String vendor, int family, int model, double tscHz) {
        List<String> exact = covering(vendor, family, model, true);
        List<String> all = exact.isEmpty() ? covering(vendor, family, model, false) : exact;
        return all.stream()
                .min(Comparator.comparingDouble(name -> {
                    double off = Math.abs(shipped(name).cost("tsc_hz") - tscHz);
                    return Double.isNaN(off) ? 0 : off;
                }))
                .orElse(null);
    }

    private static List<String> covering(String vendor, int family, int model, boolean exact) {
        return SHIPPED.stream()
                .filter(name -> covers(name, vendor, family, model, exact))
                .toList();
    }

    /** Whether a profile is of this processor: by its model where {@code exact}, else by its family alone. */
    private static boolean covers(String name, String vendor, int family, int model, boolean exact) {
        return tree(resource(name), name).get("host") instanceof Map<?, ?> host
                && vendor.equals(host.get("vendor"))
                && String.valueOf(family).equals(host.get("family"))
                && (exact ? String.valueOf(model).equals(host.get("model")) : !host.containsKey("model"));
    }

    /** A profile from a file. */
    public static MachineProfile read(Path file) throws IOException {
        return parse(Files.readString(file), file.getFileName().toString());
    }

    private static String resource(String name) {
        try (InputStream in = ProfileReader.class.getResourceAsStream("machines/" + name + ".toml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Parses a profile's text; what it does not say is taken from the generic profile and marked as assumed.
     *
     * @param where what errors call it
     */
    public static MachineProfile parse(String text, String where) {
        Map<String, Object> tree = tree(text, where);
        Map<String, MachineProfile.Fact> facts = new LinkedHashMap<>();
        Map<String, Object> numbers = new LinkedHashMap<>(tree);
        numbers.remove(VALIDATION);
        flatten("", numbers, facts, where);
        if (!DEFAULTS.equals(tree.get("name"))) {
            requireKnown(facts, where);
            for (MachineProfile.Fact fact : shipped(DEFAULTS).facts()) {
                facts.putIfAbsent(
                        fact.key(),
                        new MachineProfile.Fact(
                                fact.key(),
                                fact.value(),
                                fact.unit(),
                                fact.low(),
                                fact.high(),
                                DEFAULTS + ": " + fact.source(),
                                true));
            }
        }
        requireAllOrNone(facts, TRANSACTIONS, where);
        double clockHz = value(facts, "clock_hz", where);
        double tscHz = value(facts, "tsc_hz", where);
        Map<String, Double> costs = new LinkedHashMap<>();
        facts.values().forEach(fact -> costs.put(fact.key(), convert(fact, clockHz, tscHz, where)));
        return new MachineProfile(
                String.valueOf(tree.getOrDefault("name", where)),
                Math.round(clockHz),
                (int) value(facts, "topology.cpus", where),
                (int) value(facts, "topology.cpus_per_l3", where),
                (int) value(facts, "topology.l3_per_socket", where),
                costs,
                List.copyOf(facts.values()),
                error(tree.get(VALIDATION), (int) value(facts, "topology.cpus", where), where));
    }

    /** What {@code validate} found, null where the profile says nothing of it. */
    private static ValidatedError error(Object table, int cpus, String where) {
        if (table == null) {
            return null;
        }
        if (table instanceof Map<?, ?> map
                && map.get("unshared") instanceof Number unshared
                && map.get("shared") instanceof Number shared
                && map.get("source") instanceof String source
                && unshared.doubleValue() > 0
                && shared.doubleValue() > 0) {
            return new ValidatedError(unshared.doubleValue(), shared.doubleValue(), source, cpus);
        }
        throw new IllegalArgumentException("machine profile " + where + ": [validation] needs unshared and shared, the"
                + " relative errors that half of the throughputs stay within, as 0.03, and their source, a text");
    }

    /** A misspelt number would be taken from the generic profile, and nobody would know. */
    private static void requireKnown(Map<String, MachineProfile.Fact> facts, String where) {
        List<String> known = Stream.concat(
                        shipped(DEFAULTS).facts().stream().map(MachineProfile.Fact::key), OPTIONAL.stream())
                .toList();
        for (MachineProfile.Fact fact : facts.values()) {
            if (!known.contains(fact.key())) {
                String table = fact.key().substring(0, fact.key().lastIndexOf('.') + 1);
                throw new IllegalArgumentException("machine profile " + where + ": no number is called '" + fact.key()
                        + "'; known: "
                        + String.join(
                                ", ",
                                known.stream()
                                        .filter(key -> key.startsWith(table))
                                        .toList()));
            }
            if (fact.value() < 0) {
                throw new IllegalArgumentException(
                        "machine profile " + where + ": " + fact.key() + " is negative: " + fact.value());
            }
        }
    }

    /** What belongs together. */
    private static void requireAllOrNone(Map<String, MachineProfile.Fact> facts, List<String> keys, String where) {
        List<String> missing =
                keys.stream().filter(key -> !facts.containsKey(key)).toList();
        if (!missing.isEmpty() && missing.size() < keys.size()) {
            throw new IllegalArgumentException("machine profile " + where + " does not say " + missing.get(0)
                    + ": a machine has all of " + String.join(", ", keys) + ", or none");
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> tree(String text, String where) {
        try {
            return new TomlMapper().readValue(text, Map.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("machine profile " + where + ": " + e.getOriginalMessage(), e);
        }
    }

    @SuppressWarnings("unchecked")
    private static void flatten(
            String prefix, Map<String, Object> tree, Map<String, MachineProfile.Fact> facts, String where) {
        tree.forEach((key, node) -> {
            String path = prefix + key;
            if (node instanceof Map<?, ?> map && map.containsKey("value")) {
                facts.put(path, fact(path, (Map<String, Object>) map, where));
            } else if (node instanceof Map<?, ?> map) {
                flatten(path + ".", (Map<String, Object>) map, facts, where);
            } else if (node instanceof Number) {
                throw new IllegalArgumentException(
                        "machine profile " + where + ": " + path + " is a bare number; write { value, unit, source }");
            }
        });
    }

    private static MachineProfile.Fact fact(String path, Map<String, Object> map, String where) {
        if (!(map.get("value") instanceof Number number) || !(map.get("unit") instanceof String unit)) {
            throw new IllegalArgumentException(
                    "machine profile " + where + ": " + path + " needs value (a number) and unit (a text)");
        }
        Double low = bound(map.get("low"));
        Double high = bound(map.get("high"));
        boolean none = !map.containsKey("low") && !map.containsKey("high");
        if (!none && (low == null || high == null || !(low <= number.doubleValue() && number.doubleValue() <= high))) {
            throw new IllegalArgumentException("machine profile " + where + ": " + path
                    + " needs both low and high, numbers with value between them, or neither");
        }
        return new MachineProfile.Fact(
                path,
                number.doubleValue(),
                unit,
                low,
                high,
                String.valueOf(map.getOrDefault("source", "not stated")),
                Boolean.TRUE.equals(map.get("assumed")));
    }

    private static Double bound(Object value) {
        return value instanceof Number number ? Double.valueOf(number.doubleValue()) : null;
    }

    private static double value(Map<String, MachineProfile.Fact> facts, String key, String where) {
        MachineProfile.Fact fact = facts.get(key);
        if (fact == null) {
            throw new IllegalArgumentException("machine profile " + where + " does not say " + key);
        }
        return fact.value();
    }

    private static double convert(MachineProfile.Fact fact, double clockHz, double tscHz, String where) {
        return switch (fact.unit()) {
            case "cycle", "byte", "hz", "count" -> fact.value();
            case "tsc" -> fact.value() * clockHz / tscHz;
            case "ns" -> fact.value() * clockHz / 1e9;
            case "us" -> fact.value() * clockHz / 1e6;
            case "ms" -> fact.value() * clockHz / 1e3;
            default ->
                throw new IllegalArgumentException("machine profile " + where + ": " + fact.key() + " has unit '"
                        + fact.unit() + "'; known: cycle, tsc, ns, us, ms, byte, hz, count");
        };
    }
}
