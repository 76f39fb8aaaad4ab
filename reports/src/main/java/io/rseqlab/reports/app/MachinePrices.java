package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.Prices;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.run.RunSpec;
import java.util.function.Function;

/** Prices of the machine that a run was simulated on, where its profile is the one that the run's digest names. */
final class MachinePrices implements Function<RunResult, Prices> {
    private final MachineProfile named;

    /**
     * Prices of shipped profiles, and of one more.
     *
     * @param named a profile that is not shipped, or null
     */
    MachinePrices(MachineProfile named) {
        this.named = named;
    }

    @Override
    public Prices apply(RunResult run) {
        String machine = String.valueOf(run.key().machine());
        MachineProfile profile = named != null && named.name().equals(machine) ? named : ProfileReader.shipped(machine);
        if (profile == null || run.key().cpus() == null) {
            return null;
        }
        MachineProfile sized = profile.withCpus(run.key().cpus());
        Object digest = run.spec().get("machine_digest");
        return RunSpec.machineDigest(sized).equals(digest) ? of(sized) : null;
    }

    private static Prices of(MachineProfile machine) {
        return new Prices(
                1 / machine.cost("core.dispatch_width"),
                machine.cost("core.locked"),
                machine.cost("transfer.same_l3"),
                machine.cost("kernel.switch"),
                machine.cost("kernel.abort"),
                machine.cost("kernel.syscall"));
    }
}
