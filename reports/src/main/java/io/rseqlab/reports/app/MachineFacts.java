package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.ModelError;
import io.rseqlab.analyzer.compare.Prices;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.machine.ValidatedError;
import io.rseqlab.collector.run.RunSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What the profile of the machine that a run was simulated on says, prices and the documented error of the model, where
 * that profile is the one that the run's digest names.
 */
final class MachineFacts implements Function<RunResult, Prices>, ModelError.Lookup {
    private final MachineProfile named;

    /** Shipped profiles that were asked for; null for names that none has. */
    private final Map<String, MachineProfile> shipped = new HashMap<>();

    /**
     * Shipped profiles, and one more.
     *
     * @param named a profile that is not shipped, or null
     */
    MachineFacts(MachineProfile named) {
        this.named = named;
    }

    @Override
    public Prices apply(RunResult run) {
        MachineProfile machine = machine(run);
        return machine == null ? null : of(machine);
    }

    @Override
    public ModelError of(RunResult run) {
        MachineProfile machine = machine(run);
        ValidatedError error = machine == null || !machine.validated() ? null : machine.error();
        return error == null ? null : new ModelError(error.unshared(), error.shared(), error.source());
    }

    @Override
    public Integer extrapolatedFrom(RunResult run) {
        return extrapolatedFrom(run.key().machine(), run.key().cpus(), run.spec());
    }

    /** The same of what runs have in common. */
    Integer extrapolatedFrom(String name, Integer cpus, Map<String, Object> spec) {
        MachineProfile machine = machine(name, cpus, spec);
        return machine == null || machine.validated() || machine.error() == null
                ? null
                : Integer.valueOf(machine.error().cpus());
    }

    private MachineProfile machine(RunResult run) {
        return machine(run.key().machine(), run.key().cpus(), run.spec());
    }

    /** The machine with the run's number of CPUs; null where it is not known, or another one of that name. */
    private MachineProfile machine(String name, Integer cpus, Map<String, Object> spec) {
        String machine = String.valueOf(name);
        MachineProfile profile = named != null && named.name().equals(machine)
                ? named
                : shipped.computeIfAbsent(machine, ProfileReader::shipped);
        if (profile == null || cpus == null) {
            return null;
        }
        MachineProfile sized = profile.withCpus(cpus);
        return RunSpec.machineDigest(sized).equals(spec.get("machine_digest")) ? sized : null;
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
