package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.CellKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** Short names for cells: what all cells share is said once, and each name holds only what sets it apart. */
final class CellNames {
    private final List<CellKey> keys;
    /** A setting with this share of the keys goes without saying; only those that differ from it are named. */
    private static final double USUAL = 0.8;

    private final Map<String, Set<String>> sharedSettings = new LinkedHashMap<>();

    CellNames(List<CellKey> keys) {
        this.keys = List.copyOf(keys);
        for (CellKey key : keys) {
            sharedSettings.merge(workloadName(key), new LinkedHashSet<>(settings(key)), (a, b) -> {
                a.retainAll(b);
                return a;
            });
        }
    }

    /** The whole name of a cell among these. */
    String name(CellKey key) {
        return join(workload(key), place(key));
    }

    /** Workload with the settings that differ. */
    String workload(CellKey key) {
        List<CellKey> alike = keys.stream()
                .filter(other -> workloadName(other).equals(workloadName(key)))
                .toList();
        List<String> settings = settings(key).stream()
                .filter(setting -> alike.stream()
                                .filter(other -> settings(other).contains(setting))
                                .count()
                        < USUAL * alike.size())
                .toList();
        return settings.isEmpty() ? workloadName(key) : workloadName(key) + " " + String.join(" ", settings);
    }

    /** Everything but the workload that differs between cells. */
    String place(CellKey key) {
        List<String> words = new ArrayList<>();
        add(words, key, CellKey::cpus, CellNames::cpus);
        add(words, key, CellKey::threads, CellNames::threads);
        add(words, key, CellKey::machine, String::valueOf);
        add(words, key, CellKey::kernel, String::valueOf);
        add(words, key, CellKey::inject, inject -> "inject " + inject);
        add(words, key, CellKey::variant, String::valueOf);
        return String.join(" · ", words);
    }

    /** What all cells share; empty if nothing. */
    String shared() {
        if (keys.isEmpty()) {
            return "";
        }
        List<String> words = new ArrayList<>();
        addShared(words, CellKey::cpus, CellNames::cpus);
        addShared(words, CellKey::threads, CellNames::threads);
        addShared(words, CellKey::machine, machine -> "machine " + machine);
        addShared(words, CellKey::kernel, kernel -> "kernel " + kernel);
        addShared(words, CellKey::inject, inject -> "inject " + inject);
        addShared(words, CellKey::variant, String::valueOf);
        sharedSettings.forEach((workload, settings) -> {
            if (!settings.isEmpty()) {
                words.add(workload + " with " + String.join(" ", settings));
            }
        });
        return String.join(" · ", words);
    }

    static String workloadName(CellKey key) {
        String workload = String.valueOf(key.workload());
        int colon = workload.indexOf(':');
        return colon < 0 ? workload : workload.substring(0, colon);
    }

    private static List<String> settings(CellKey key) {
        String workload = String.valueOf(key.workload());
        int colon = workload.indexOf(':');
        return colon < 0
                ? List.of()
                : Arrays.asList(workload.substring(colon + 1).split(","));
    }

    private static String cpus(Integer cpus) {
        return cpus + (Objects.equals(cpus, 1) ? " CPU" : " CPUs");
    }

    private static String threads(Integer threads) {
        return threads + (Objects.equals(threads, 1) ? " thread" : " threads");
    }

    private <T> void add(List<String> words, CellKey key, Function<CellKey, T> part, Function<T, String> text) {
        boolean differs = keys.stream().map(part).distinct().count() > 1;
        T value = part.apply(key);
        if (differs && value != null) {
            words.add(text.apply(value));
        }
    }

    private <T> void addShared(List<String> words, Function<CellKey, T> part, Function<T, String> text) {
        T value = part.apply(keys.get(0));
        if (value != null && keys.stream().map(part).distinct().count() == 1) {
            words.add(text.apply(value));
        }
    }

    private static String join(String a, String b) {
        return b.isEmpty() ? a : a + " · " + b;
    }
}
