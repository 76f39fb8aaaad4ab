package io.rseqlab.collector.live;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One measured window of the native driver. Names and meanings are those of the simulator's workloads.
 *
 * @param strategy what allocates
 * @param workload {@code churn} or {@code producer-consumer}
 * @param threads number of threads, not pinned
 * @param cpus CPUs they may use
 * @param think turns of a loop that an operation spends outside the allocator
 * @param handoff probability of a hand-off, 0 to 1
 * @param pad extra instructions in each of allocate and free
 * @param signalHz timer signals per thread and second
 * @param warmupMs milliseconds before the window
 * @param durationMs milliseconds of the window
 * @param seed root of the threads' random streams
 * @param quietNopsTsc the window begins once eight no-operations take no longer on either CPU, in cycles of the time
 *     stamp counter; null not to wait
 * @param quietWaitMs but no later than after so many milliseconds
 */
public record NativeRequest(
        String strategy,
        String workload,
        int threads,
        List<Integer> cpus,
        int think,
        double handoff,
        int pad,
        int signalHz,
        int warmupMs,
        int durationMs,
        long seed,
        Double quietNopsTsc,
        int quietWaitMs) {

    public NativeRequest {
        cpus = List.copyOf(cpus);
    }

    /** The same, begun when the host leaves both CPUs alone: see {@code quietNopsTsc}. */
    public NativeRequest whenQuiet(double nopsTsc, int waitMs) {
        return new NativeRequest(
                strategy,
                workload,
                threads,
                cpus,
                think,
                handoff,
                pad,
                signalHz,
                warmupMs,
                durationMs,
                seed,
                nopsTsc,
                waitMs);
    }

    /** Arguments of the driver. The host is always probed: line transfers and speed tell in which state it is. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        add(arguments, "--strategy", strategy);
        add(arguments, "--workload", workload);
        add(arguments, "--threads", threads);
        add(arguments, "--cpus", cpus.stream().map(String::valueOf).collect(Collectors.joining(",")));
        add(arguments, "--think", think);
        add(arguments, "--handoff", handoff);
        add(arguments, "--pad", pad);
        add(arguments, "--signal-hz", signalHz);
        add(arguments, "--warmup-ms", warmupMs);
        add(arguments, "--duration-ms", durationMs);
        add(arguments, "--seed", seed);
        arguments.add("--probe-host");
        if (quietNopsTsc != null) {
            add(arguments, "--quiet-nops-tsc", quietNopsTsc);
            add(arguments, "--quiet-wait-ms", quietWaitMs);
        }
        return arguments;
    }

    private static void add(List<String> arguments, String option, Object value) {
        arguments.add(option);
        arguments.add(String.valueOf(value));
    }
}
