package io.rseqlab.collector.run;

import io.rseqlab.collector.kernel.CheriAbiPolicy;
import io.rseqlab.collector.kernel.FreeBsdD32505Policy;
import io.rseqlab.collector.kernel.Linux612Policy;
import io.rseqlab.collector.kernel.Linux618DebugPolicy;
import io.rseqlab.collector.kernel.Linux618Policy;
import io.rseqlab.collector.kernel.Linux71LegacyPolicy;
import io.rseqlab.collector.kernel.Linux71Policy;
import io.rseqlab.collector.kernel.NoRseqPolicy;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.UsageException;
import java.util.ArrayList;
import java.util.List;

/** The kernels a run can choose from. */
public final class Kernels {
    /** All of them, in the order of lists. */
    public static final List<RseqPolicy> ALL = List.of(
            new Linux618Policy(),
            new Linux618DebugPolicy(),
            new Linux612Policy(),
            new Linux71Policy(),
            new Linux71LegacyPolicy(),
            new FreeBsdD32505Policy(),
            new CheriAbiPolicy(),
            new NoRseqPolicy());

    /** Their names, for help. */
    public static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        public Names() {
            ALL.forEach(policy -> add(policy.id()));
        }
    }

    private Kernels() {}

    /** The rules of a kernel by name. */
    public static RseqPolicy policy(String id) {
        for (RseqPolicy policy : ALL) {
            if (policy.id().equals(id)) {
                return policy;
            }
        }
        throw new UsageException("no kernel is called '" + id + "'"
                + Nearest.hint(id, ALL.stream().map(RseqPolicy::id).toList()));
    }
}
