package io.rseqlab.collector.run;

import io.rseqlab.collector.kernel.Bandwidth;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.spec.UsageException;

/**
 * CPU time that the process may use of every period, over all CPUs together, as cgroup v2's {@code cpu.max} says it.
 *
 * @param seconds the CPU time
 * @param periodSeconds the period
 */
public record Quota(double seconds, double periodSeconds) {
    /** What cpu.max has where only a quota is written to it. */
    private static final double USUAL_PERIOD_SECONDS = 0.1;

    private static final double LEAST_SECONDS = 1e-3;
    private static final double MOST_PERIOD_SECONDS = 1;

    public Quota {
        if (seconds < LEAST_SECONDS) {
            throw new UsageException("quota of " + Durations.format(seconds) + ": the kernel takes 1ms and up");
        }
        if (periodSeconds < LEAST_SECONDS || periodSeconds > MOST_PERIOD_SECONDS) {
            throw new UsageException(
                    "quota's period of " + Durations.format(periodSeconds) + ": the kernel takes 1ms to 1s");
        }
    }

    /** Reads {@code 50ms/100ms}, or {@code 50ms} of the usual 100 ms. */
    public static Quota parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length > 2) {
            throw new UsageException("quota '" + text + "': write CPU time and period, as in 50ms/100ms");
        }
        return new Quota(
                Durations.parse(parts[0]), parts.length == 1 ? USUAL_PERIOD_SECONDS : Durations.parse(parts[1]));
    }

    /** Refuses a quota that so many CPUs never use up. */
    void check(int cpus) {
        if (seconds >= cpus * periodSeconds) {
            throw new UsageException("quota " + this + " is no limit: " + cpus + " CPUs have "
                    + Durations.format(cpus * periodSeconds) + " in that period; say less, or leave it out");
        }
    }

    Bandwidth.Limit limit(MachineProfile machine) {
        return new Bandwidth.Limit(machine.cyclesOf(seconds), machine.cyclesOf(periodSeconds));
    }

    @Override
    public String toString() {
        return Durations.format(seconds) + "/" + Durations.format(periodSeconds);
    }
}
