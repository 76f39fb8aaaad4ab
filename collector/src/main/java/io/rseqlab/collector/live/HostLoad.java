package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of some CPUs others had while a child process ran: other programs, and the host of a virtual machine. From
 * {@code /proc/stat}, in ticks of 10 ms, so good to a few percent of a CPU per second.
 */
final class HostLoad {
    /** USER_HZ, which has been 100 on x86-64 Linux ever since. */
    private static final double TICKS_PER_SECOND = 100;

    /** Columns of a CPU's line behind its name: user, nice, system; then irq, softirq, steal. */
    private static final int[] BUSY = {1, 2, 3, 6, 7, 8};

    /** Fields of {@code /proc/self/stat} behind the name in brackets: time of children that ended, user and system. */
    private static final int CHILDREN_USER = 14;

    private static final int CHILDREN_SYSTEM = 15;

    private final Path proc;
    private final List<Integer> cpus;
    private final long busyTicks;
    private final long childrenTicks;
    private final long startedNanos = System.nanoTime();

    private HostLoad(Path proc, List<Integer> cpus) {
        this.proc = proc;
        this.cpus = cpus;
        busyTicks = busy();
        childrenTicks = children();
    }

    /** Begins to look at CPUs. */
    static HostLoad of(List<Integer> cpus) {
        return new HostLoad(Path.of("/proc"), cpus);
    }

    static HostLoad of(Path proc, List<Integer> cpus) {
        return new HostLoad(proc, cpus);
    }

    /** Share of the CPUs, 0 to 1, that others had since; children that ended are not others. Null if unknown. */
    Double othersShare() {
        return othersShare((System.nanoTime() - startedNanos) / 1e9);
    }

    Double othersShare(double seconds) {
        long busy = busy();
        long children = children();
        if (busyTicks < 0 || childrenTicks < 0 || busy < 0 || children < 0) {
            return null;
        }
        double others = (busy - busyTicks) - (children - childrenTicks);
        return Math.min(1, Math.max(0, others / (TICKS_PER_SECOND * seconds * cpus.size())));
    }

    private long busy() {
        long sum = 0;
        int found = 0;
        for (String line : lines(proc.resolve("stat"))) {
            String[] words = line.split("\\s+");
            if (words[0].matches("cpu\\d+") && cpus.contains(Integer.parseInt(words[0].substring(3)))) {
                found++;
                for (int column : BUSY) {
                    sum += Long.parseLong(words[column]);
                }
            }
        }
        return found == cpus.size() ? sum : -1;
    }

    private long children() {
        String line = String.join("", lines(proc.resolve("self").resolve("stat")));
        String[] words = line.substring(line.lastIndexOf(')') + 1).split("\\s+");
        return words.length <= CHILDREN_SYSTEM
                ? -1
                : Long.parseLong(words[CHILDREN_USER]) + Long.parseLong(words[CHILDREN_SYSTEM]);
    }

    private static List<String> lines(Path file) {
        try {
            return new ArrayList<>(Files.readAllLines(file));
        } catch (IOException e) {
            return List.of();
        }
    }
}
