package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The machine this program runs on, as Linux describes it below {@code /proc} and {@code /sys}.
 *
 * @param vendor vendor of the processor as it calls itself, empty if unknown
 * @param family processor family, -1 if unknown
 * @param model model in that family, -1 if unknown
 * @param tscHz rate of the time stamp counter, as far as the kernel tells: in virtual machines what it says the clock
 *     is; NaN if unknown
 * @param cpus CPUs that this process may use, those of different cores first
 */
public record Host(String vendor, int family, int model, double tscHz, List<Integer> cpus) {
    public Host {
        cpus = List.copyOf(cpus);
    }

    /** Looks at this machine. */
    public static Host here() {
        return read(Path.of("/"));
    }

    /** True where a hypervisor is below: what it says of caches and sockets may not be so. */
    static boolean virtual() {
        return (" " + value(lines(Path.of("/proc/cpuinfo")), "flags") + " ").contains(" hypervisor ");
    }

    /** The machine's name in its network, empty if unknown. */
    public static String name() {
        return String.join("", lines(Path.of("/proc/sys/kernel/hostname"))).strip();
    }

    /** Release of the running kernel as {@code uname -r} prints it, empty if unknown. */
    public static String kernelRelease() {
        return String.join("", lines(Path.of("/proc/sys/kernel/osrelease"))).strip();
    }

    /** Looks at the machine whose files lie below a folder. */
    static Host read(Path root) {
        List<String> cpu = lines(root.resolve("proc/cpuinfo"));
        List<Integer> allowed = list(value(lines(root.resolve("proc/self/status")), "Cpus_allowed_list"));
        return new Host(
                value(cpu, "vendor_id"),
                number(value(cpu, "cpu family")),
                number(value(cpu, "model")),
                1e6 * decimal(value(cpu, "cpu MHz")),
                coresFirst(root, allowed));
    }

    /**
     * The first CPUs.
     *
     * @throws NativeException if there are fewer
     */
    public List<Integer> firstCpus(int count) {
        if (cpus.size() < count) {
            throw new NativeException(
                    "this needs " + count + " CPUs; the number that this process may use is " + cpus.size());
        }
        return cpus.subList(0, count);
    }

    /** One CPU per core before any second one: hardware threads of a core slow each other down. */
    private static List<Integer> coresFirst(Path root, List<Integer> allowed) {
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (int cpu : allowed) {
            (taken.contains(cpu) ? second : first).add(cpu);
            Path topology = root.resolve("sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list");
            taken.addAll(list(String.join("", lines(topology))));
        }
        first.addAll(second);
        return first;
    }

    /** Numbers as Linux lists them: {@code 0-3,8}. */
    static List<Integer> list(String text) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : text.strip().split(",")) {
            String[] ends = part.split("-");
            int from = number(ends[0]);
            int to = number(ends[ends.length - 1]);
            for (int i = from; i >= 0 && i <= to; i++) {
                numbers.add(i);
            }
        }
        return numbers;
    }

    private static String value(List<String> lines, String key) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
                return line.substring(colon + 1).strip();
            }
        }
        return "";
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }

    private static double decimal(String text) {
        return text.matches("\\d{1,6}(\\.\\d+)?") ? Double.parseDouble(text) : Double.NaN;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
