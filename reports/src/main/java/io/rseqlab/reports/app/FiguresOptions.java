package io.rseqlab.reports.app;

import io.rseqlab.collector.spec.UsageException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options of {@code advise} that describe a program of which there is no trace. */
final class FiguresOptions {
    private static final int LIVE = 64;
    static final int THINK_TURNS = 100;
    private static final List<Integer> SIZES_BYTES = List.of(64, 256, 1024);
    private static final int BURST_OPS = 2000;
    private static final int PAUSE_US = 500;

    @Option(
            names = "--remote-free",
            paramLabel = "SHARE",
            description = "Without a trace: share of the frees that are of another thread's objects (default: 0).")
    private Double remoteFree;

    @Option(
            names = "--sizes",
            split = ",",
            hideParamSyntax = true,
            paramLabel = "P50,P90,P99",
            description = "Without a trace: bytes that 50, 90 and 99 %% of the objects do not exceed (default:"
                    + " 64,256,1024).")
    private List<Integer> sizes;

    @Option(
            names = "--live",
            paramLabel = "N",
            description = "Without a trace: objects that a thread holds (default: " + LIVE + ").")
    private Integer live;

    @Option(
            names = "--burst",
            paramLabel = "N",
            description = "Without a trace: operations between pauses of a thread (default: no pauses).")
    private Integer burst;

    @Option(
            names = "--pause-us",
            paramLabel = "US",
            description = "Without a trace: how long a pause takes (default: " + PAUSE_US + ").")
    private Integer pauseUs;

    @Option(
            names = "--idle-owners",
            paramLabel = "N",
            description = "Without a trace: threads that pause; others free what they allocated (default: all, if there"
                    + " are pauses).")
    private Integer idleOwners;

    /** True if any was given. */
    boolean given() {
        return Stream.of(remoteFree, sizes, live, burst, pauseUs, idleOwners).anyMatch(Objects::nonNull);
    }

    /**
     * The program that they describe.
     *
     * @param threads as given
     * @param think turns between calls, null for the default
     * @throws UsageException if pauses are asked for and denied at once
     */
    AdviceOfFigures program(int threads, int cpus, Integer think) {
        if (burst != null && burst < 1) {
            throw new UsageException("--burst must be at least 1, the operations between pauses, not " + burst
                    + ": without --burst, --pause-us and --idle-owners there are no pauses");
        }
        boolean pauses = burst != null || pauseUs != null || idleOwners != null;
        return new AdviceOfFigures(
                threads,
                cpus,
                remoteFree == null ? 0 : remoteFree,
                think == null ? THINK_TURNS : think,
                live == null ? LIVE : live,
                sizes == null ? SIZES_BYTES : sizes,
                burst != null ? burst : pauses ? BURST_OPS : 0,
                pauseUs == null ? PAUSE_US : pauseUs,
                idleOwners == null ? 0 : idleOwners);
    }
}
