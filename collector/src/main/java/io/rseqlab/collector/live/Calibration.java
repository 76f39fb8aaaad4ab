package io.rseqlab.collector.live;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A profile of this machine, measured by the native driver.
 *
 * @param text the profile as profiles are written
 * @param measured numbers that were measured here
 * @param assumed numbers that could not be, and come from another profile
 * @param othersShare share of the CPUs that others had meanwhile, 0 to 1; null if unknown
 */
public record Calibration(String text, int measured, int assumed, Double othersShare) {
    /** The profile that says what no other does. */
    private static final String DEFAULTS = "generic-64";

    /** Others that have more than this share of the CPUs disturb. */
    private static final double QUIET_SHARE = 0.02;

    private static final int NOISE_WARMUP_MS = 200;
    private static final int NOISE_MS = 3000;

    /**
     * Measures. A round takes some ten seconds.
     *
     * @param environment the process's environment variables: CC, RSEQLAB_CACHE, XDG_CACHE_HOME, HOME
     * @param name what the profile is to be called
     * @param rounds how often everything is measured, at least once
     * @param afterRound told after each round
     * @throws NativeException if this machine cannot compile or run the driver
     */
    public static Calibration measure(Map<String, String> environment, String name, int rounds, Runnable afterRound) {
        NativeDriver driver = NativeDriver.open(environment);
        Host host = Host.here();
        List<Integer> cpus = host.cpus().subList(0, Math.min(2, host.cpus().size()));
        HostLoad load = HostLoad.of(cpus);
        List<NativeCosts> costs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            costs.add(driver.costs(cpus));
            afterRound.run();
        }
        Double othersShare = load.othersShare();
        Double noise = noise(environment, cpus);
        CalibrationRules.HostFacts facts =
                new CalibrationRules.HostFacts(host.cpus().size(), Host.virtual(), HostCache.read(Path.of("/")), noise);
        return of(name, host, costs, facts, othersShare);
    }

    /** How often threads that compute, one on each CPU, are switched out; null while others use the CPUs. */
    private static Double noise(Map<String, String> environment, List<Integer> cpus) {
        HostLoad load = HostLoad.of(cpus);
        StringBuilder threads = new StringBuilder();
        for (int cpu : cpus) {
            threads.append(threads.length() == 0 ? "" : ",").append("hog@").append(cpu);
        }
        SchedulerFigures figures =
                SchedulerProbe.open(environment).run(threads.toString(), cpus, NOISE_WARMUP_MS, NOISE_MS);
        Double others = load.othersShare();
        if (others == null || others > QUIET_SHARE) {
            return null;
        }
        return figures.threads().stream()
                .mapToDouble(thread -> thread.involuntarySwitches() / figures.seconds())
                .average()
                .orElseThrow();
    }

    /** The profile that rounds of probes make. */
    static Calibration of(
            String name, Host host, List<NativeCosts> costs, CalibrationRules.HostFacts facts, Double othersShare) {
        String shipped = ProfileReader.shippedFor(host.vendor(), host.family(), host.model(), host.tscHz());
        MachineProfile other = ProfileReader.shipped(shipped == null ? DEFAULTS : shipped);
        List<Figure> figures = CalibrationRules.figures(costs, other, facts);
        int assumed = (int) figures.stream().filter(Figure::assumed).count();
        String text = ProfileText.of(name, remarks(costs.size(), other, othersShare), host, figures);
        return new Calibration(text, figures.size() - assumed, assumed, othersShare);
    }

    private static List<String> remarks(int rounds, MachineProfile other, Double othersShare) {
        List<String> remarks = new ArrayList<>(List.of(
                "Measured by rseqlab calibrate in " + rounds + (rounds == 1 ? " round" : " rounds") + " on Linux "
                        + Host.kernelRelease() + ". What disturbs",
                "a measurement of a time only adds to it: a time is the median over the better half of the rounds, of",
                "each round's median; low and high are the medians of these rounds' 5th and 95th percentiles. A source",
                "names the driver's probe (see its README) and says how far apart all rounds were. What could not be",
                "measured is assumed as " + other.name() + " has it, with the reason."));
        if (othersShare != null && othersShare > QUIET_SHARE) {
            remarks.add(String.format(
                    Locale.ROOT,
                    "Other programs had %.0f %% of the CPUs meanwhile: caches and kernel costs may read too high.",
                    100 * othersShare));
        }
        return remarks;
    }

    /** True if others used the CPUs meanwhile, so that it is better done again. */
    public boolean disturbed() {
        return othersShare != null && othersShare > QUIET_SHARE;
    }
}
