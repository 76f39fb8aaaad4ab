package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.spec.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What ticks and timer signals alone take of the CPUs. A run whose interrupts cost more than the time between them
 * never comes to its end: the kernel serves what is due, and by then the next is.
 */
final class KernelShare {
    /** With more than this the threads' part is too small for figures, and jitter may make it nothing for long. */
    static final double MOST = 0.9;

    /** The model charges a tick at most an eighth of the time between ticks: see {@code kernel.Ticks}. */
    private static final double TICK_SHARE = 1.0 / 8;

    /** A setting that takes less than this is not worth naming. */
    private static final double NOTABLE = 0.1;

    private KernelShare() {}

    /**
     * The share of CPU time, 0 and up.
     *
     * @param tickSeconds time between ticks, 0 for the machine's; warm-up and end have theirs, which counts if shorter
     * @param signalHz timer signals a second to each thread
     */
    static double of(MachineProfile machine, int threads, double tickSeconds, double signalHz) {
        double clock = machine.clockHz();
        double usual = tickSeconds == 0 ? 1 / machine.cost("kernel.hz") : tickSeconds;
        double period = Math.min(usual, Collector.QUICK_TURN_SECONDS) * clock;
        double abort = machine.cost("kernel.abort");
        double turn = threads > machine.cpus() ? machine.cost("kernel.switch") + abort : 0;
        double ticks = (Math.min(machine.cost("kernel.tick"), period * TICK_SHARE) + turn) / period;
        double delivery = machine.cost("kernel.signal") + machine.cost("kernel.signal_return") + abort;
        double expiries = threads * machine.cost("kernel.timer_interrupt");
        double deliveries = Math.min(threads, machine.cpus()) * delivery;
        return ticks + signalHz * (expiries + deliveries) / machine.cpus() / clock;
    }

    /**
     * Refuses runs that would not end.
     *
     * @throws UsageException that names the settings which ask for too much, and what to do
     */
    static void check(RunSpec spec, double signalHz) {
        double share = of(spec.machine(), spec.threads(), spec.tickSeconds(), signalHz);
        if (share <= MOST) {
            return;
        }
        double ofTicks = of(spec.machine(), spec.threads(), spec.tickSeconds(), 0);
        List<String> settings = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        if (spec.tickSeconds() > 0 && ofTicks > NOTABLE) {
            settings.add("--tick " + Durations.format(spec.tickSeconds()));
            remedies.add("a longer --tick");
        }
        if (share - ofTicks > NOTABLE) {
            settings.add(String.format(Locale.ROOT, "signal_hz=%.0f to each of %d threads", signalHz, spec.threads()));
            remedies.add("fewer signals a second, fewer threads or more CPUs");
        }
        throw new UsageException(String.format(
                Locale.ROOT,
                "%s on %s: interrupts alone would take %.0f %% of the CPUs, threads would hardly run; ask for %s",
                String.join(" and ", settings),
                spec.machine().name(),
                100 * share,
                String.join(", or ", remedies)));
    }
}
