package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Runs workloads on the real kernel: real restartable sections and real atomics, in a small program written in C. */
public final class NativeDriver {
    private static final int FAILED = 1;
    private static final int NO_RSEQ = 3;
    private static final int UNBALANCED = 4;

    /** Beyond warm-up and window: start, line transfer probes and audit. */
    private static final Duration OVERHEAD = Duration.ofSeconds(30);

    /** For a round of probes, on a machine that is far from idle. */
    private static final Duration COSTS_MOST = Duration.ofSeconds(180);

    private final Path program;
    private final TracefsInstance fixups;

    private NativeDriver(Path program, TracefsInstance fixups) {
        this.program = program;
        this.fixups = fixups;
    }

    /**
     * The same driver; its windows also tell where aborts happened.
     *
     * @param instance records nothing else meanwhile
     * @throws NativeException if this kernel does not trace what became of restartable sections
     */
    public NativeDriver recordingAborts(TracefsInstance instance) {
        List<String> missing = instance.enable(AbortPlaces.events());
        if (!missing.isEmpty()) {
            throw new NativeException("this kernel has no tracepoint " + String.join(", ", missing));
        }
        return new NativeDriver(program, instance);
    }

    /**
     * The driver, compiled if need be.
     *
     * @param environment the process's environment variables: CC, RSEQLAB_CACHE, XDG_CACHE_HOME, HOME
     * @throws NativeException if this machine cannot compile or run it
     * @throws io.rseqlab.trace.OutputException if the cache folder cannot be written to
     */
    public static NativeDriver open(Map<String, String> environment) {
        requirePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
        return new NativeDriver(new NativeBuild(environment).program(), null);
    }

    /** Refuses what the driver is not written for. */
    static void requirePlatform(String system, String architecture) {
        if (!"Linux".equals(system)) {
            throw new NativeException("the native driver runs on Linux, this is " + system);
        }
        if (!List.of("amd64", "x86_64").contains(architecture)) {
            throw new NativeException("the native driver is written for x86-64, this is " + architecture);
        }
    }

    /**
     * Measures one window.
     *
     * @throws NativeException if the driver cannot, with its reason
     */
    public NativeWindow run(NativeRequest request) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(request.arguments());
        Duration most = OVERHEAD.plusMillis((long) request.warmupMs() + request.durationMs());
        HostLoad load = HostLoad.of(request.cpus());
        if (fixups != null) {
            fixups.clear();
            fixups.start();
        }
        ChildProcess.Ending ending = start(command, most);
        NativeWindow window = answer(ending, most);
        return window.with(load.othersShare(), fixups == null ? null : places(ending.out()));
    }

    private Map<String, Long> places(String answer) {
        fixups.stop();
        return new AbortPlaces(NativeWindow.tree(answer)).count(fixups.lines().stream());
    }

    /**
     * Measures once what this machine's instructions, caches, lines, system calls and interrupts cost, on the first of
     * these CPUs with the help of the second. Takes some ten seconds.
     *
     * @throws NativeException if the driver cannot, with its reason
     */
    NativeCosts costs(List<Integer> cpus) {
        String list = cpus.stream().map(String::valueOf).collect(Collectors.joining(","));
        ChildProcess.Ending interrupts = probe("--probe-interrupts", list);
        NativeCosts costs = NativeCosts.parse(answered(probe("--probe-costs", list), COSTS_MOST));
        // A kernel built to find system calls inside of sections kills this probe: those costs are not known there.
        return interrupts.signal() != 0 || interrupts.timedOut()
                ? costs
                : costs.and(NativeCosts.parse(answered(interrupts, COSTS_MOST)));
    }

    private ChildProcess.Ending probe(String option, String cpus) {
        return start(List.of(program.toString(), option, "--cpus", cpus), COSTS_MOST);
    }

    private static ChildProcess.Ending start(List<String> command, Duration most) {
        try {
            return ChildProcess.run(command, most);
        } catch (IOException e) {
            throw new NativeException(
                    "the native driver cannot be started (" + e.getMessage()
                            + "): where its folder forbids programs, name another one in RSEQLAB_CACHE",
                    e);
        }
    }

    private static NativeWindow answer(ChildProcess.Ending ending, Duration most) {
        return NativeWindow.parse(answered(ending, most));
    }

    private static String answered(ChildProcess.Ending ending, Duration most) {
        if (ending.timedOut()) {
            throw new NativeException("the native driver did not end within " + most.toSeconds() + " s");
        }
        if (ending.signal() != 0) {
            throw new NativeException("the native driver was killed by signal " + ending.signal());
        }
        String reason = ending.err().strip().replaceFirst("^driver: ", "");
        return switch (ending.code()) {
            case 0, UNBALANCED -> ending.out();
            case NO_RSEQ -> throw new NativeException(reason);
            case FAILED -> throw new NativeException("the native driver failed: " + reason);
            default -> throw new NativeException("the native driver refuses (" + ending.code() + "): " + reason);
        };
    }
}
