package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Runs scheduler experiments on the real kernel, in a small program written in C. */
public final class SchedulerProbe {
    private static final Duration OVERHEAD = Duration.ofSeconds(30);
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(tools.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Path program;
    private double mostOthersShare;

    private SchedulerProbe(Path program) {
        this.program = program;
    }

    /** Most that other programs had of the CPUs in any window so far, 0 to 1. */
    public double mostOthersShare() {
        return mostOthersShare;
    }

    /**
     * The program, compiled if need be.
     *
     * @param environment the process's environment variables: CC, RSEQLAB_CACHE, XDG_CACHE_HOME, HOME
     * @throws NativeException if this machine cannot compile or run it
     */
    public static SchedulerProbe open(Map<String, String> environment) {
        NativeDriver.requirePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
        return new SchedulerProbe(new NativeBuild(environment, List.of("sched.c")).program());
    }

    /**
     * Measures one window.
     *
     * @param threads the threads as {@link SchedulerThread} reads them
     * @throws NativeException if the program cannot, with its reason
     */
    public SchedulerFigures run(String threads, List<Integer> cpus, int warmupMs, int durationMs) {
        String cpuList = cpus.stream().map(String::valueOf).collect(Collectors.joining(","));
        List<String> command = List.of(
                program.toString(),
                "--threads",
                threads,
                "--cpus",
                cpuList,
                "--warmup-ms",
                String.valueOf(warmupMs),
                "--duration-ms",
                String.valueOf(durationMs));
        HostLoad load = HostLoad.of(cpus);
        try {
            ChildProcess.Ending ending = ChildProcess.run(command, OVERHEAD.plusMillis((long) warmupMs + durationMs));
            if (ending.timedOut() || ending.code() != 0) {
                throw new NativeException("the scheduler probe failed (" + ending.code() + "): "
                        + ending.err().strip());
            }
            Double others = load.othersShare();
            if (others != null) {
                mostOthersShare = Math.max(mostOthersShare, others);
            }
            return MAPPER.readValue(ending.out(), SchedulerFigures.class);
        } catch (IOException e) {
            throw new NativeException("the scheduler probe cannot be started (" + e.getMessage() + ")", e);
        } catch (JacksonException e) {
            throw new NativeException("the scheduler probe's answer cannot be read", e);
        }
    }
}
