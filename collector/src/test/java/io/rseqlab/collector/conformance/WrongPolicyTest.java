package io.rseqlab.collector.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.conformance.Row.Verdict;
import io.rseqlab.collector.kernel.Linux618Policy;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.kernel.RseqState;
import io.rseqlab.collector.kernel.UserAccess;
import io.rseqlab.collector.kernel.UserExit;
import io.rseqlab.collector.run.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A policy that does something else is found out: each row can differ. */
class WrongPolicyTest {
    private static final PolicyTable TABLE = PolicyTable.shipped();

    private static Map<String, Observation> outcomes(RseqPolicy policy) {
        Map<String, Observation> outcomes = new HashMap<>();
        Conformance.modelProbes().forEach((rule, probe) -> outcomes.put(rule, probe.observe(policy)));
        return outcomes;
    }

    /** Rules where a kernel that did this differs from what a policy says. */
    private static Set<String> differing(Map<String, Observation> outcomes, String column) {
        Set<String> differing = new TreeSet<>();
        for (Rule rule : TABLE.rules()) {
            Row row = new Row(rule, rule.says().get(column), outcomes.get(rule.id()), null);
            if (row.verdict() == Verdict.DIFFERS) {
                differing.add(rule.id());
            }
        }
        return differing;
    }

    private static Set<String> differing(RseqPolicy policy) {
        return differing(outcomes(policy), "linux-6.18");
    }

    /** Where two columns say something else, a kernel of the one is not taken for the other. */
    @Test
    void noKernelPassesForAnother() {
        for (RseqPolicy policy : Kernels.ALL) {
            Map<String, Observation> outcomes = outcomes(policy);
            for (RseqPolicy other : Kernels.ALL) {
                Set<String> expected = new TreeSet<>();
                for (Rule rule : TABLE.rules()) {
                    String says = rule.says().get(policy.id());
                    String otherwise = rule.says().get(other.id());
                    boolean both = says != null
                            && otherwise != null
                            && outcomes.get(rule.id()).shown();
                    if (both && !says.equals(otherwise)) {
                        expected.add(rule.id());
                    }
                }
                assertThat(differing(outcomes, other.id()))
                        .as(policy.id() + " in place of " + other.id())
                        .containsAll(expected);
            }
        }
    }

    /** A kernel that looks at sections, but never finds anything wrong or disturbed. */
    private static final class BlindPolicy extends Linux618Policy {
        @Override
        public Decision evaluate(UserAccess user, RseqState rseq, long pointer) {
            return new Decision(Verdict.UNDISTURBED, 0, 0, null);
        }
    }

    @Test
    void aKernelThatNeverAbortsIsFoundOut() {
        assertThat(differing(new BlindPolicy()))
                .contains("preempted", "signal", "nanosleep", "yield-switches", "start-ip-is-inside")
                .contains("pointer-after-sleep", "pointer-after-preemption", "pointer-at-signal", "version-inside")
                .contains("signature-wrong-outside", "pointer-kernel", "flag-migrate-inside", "notified-old-event")
                .contains("membarrier", "membarrier-its-cpu", "signal-frame", "signal-section-in-handler")
                .doesNotContain("tick", "syscall", "yield-alone", "end-is-outside", "register");
    }

    @Test
    void aKernelThatLooksAtNothingAfterSwitchesIsFoundOut() {
        assertThat(differing(new Linux618Policy() {
                    @Override
                    public boolean evaluates(UserExit exit) {
                        return exit.signal();
                    }
                }))
                .contains("preempted", "nanosleep", "pointer-after-sleep", "pointer-stale-sleep")
                .doesNotContain("signal", "version-inside", "pointer-kernel");
    }

    @Test
    void aKernelThatWritesNoIdsIsFoundOut() {
        assertThat(differing(new Linux618Policy() {
                    @Override
                    public boolean writesIds(UserExit exit) {
                        return false;
                    }
                }))
                .contains("ids-after-switch", "ids-at-signal", "ids-after-migration", "ids-written-migration")
                .contains("mm-cid-distinct", "register-writes-ids")
                .doesNotContain("ids-after-call", "preempted");
    }

    @Test
    void aKernelThatTakesOtherLengthsIsFoundOut() {
        assertThat(differing(new Linux618Policy() {
                    @Override
                    public int alignmentBytes() {
                        return 16;
                    }
                }))
                .containsExactly("area-alignment", "register-length-33-at-16");
        assertThat(differing(new Linux618Policy() {
                    @Override
                    public int featureBytes() {
                        return 34;
                    }
                }))
                .contains("register-length-33", "register-length-33-at-32");
    }

    /**
     * A kernel that compares the instruction before the one it goes on at: where a section begins and ends shows it.
     */
    private static final class OffByOnePolicy extends Linux618Policy {
        @Override
        public Decision evaluate(UserAccess user, RseqState rseq, long pointer) {
            return super.evaluate(user, rseq, pointer - 4);
        }
    }

    @Test
    void aKernelThatMissesTheEdgesOfSectionsIsFoundOut() {
        // and, if a switch happens to fall there, threads that count in sections lose a count
        assertThat(differing(new OffByOnePolicy()))
                .contains("end-is-outside", "single-step", "start-ip-is-inside")
                .isSubsetOf("end-is-outside", "mm-cid-distinct", "single-step", "start-ip-is-inside");
    }

    /** A kernel that takes every look at a section for a reason to abort it. */
    private static final class RashPolicy extends Linux618Policy {
        @Override
        public Decision evaluate(UserAccess user, RseqState rseq, long pointer) {
            Decision decision = super.evaluate(user, rseq, pointer);
            if (decision.verdict() != Verdict.UNDISTURBED) {
                return decision;
            }
            long descriptor = user.read64(rseq.area() + RseqArea.RSEQ_CS);
            long section = user.read64(descriptor + RseqArea.CS_START_IP);
            return new Decision(Verdict.ABORT, user.read64(descriptor + RseqArea.CS_ABORT_IP), section, null);
        }
    }

    @Test
    void aKernelThatAbortsWithoutReasonIsFoundOut() {
        assertThat(differing(new RashPolicy())).containsExactly("notified-no-event");
    }

    /** What is the kernel's, whatever the policy: it must not look there at all, or says the same of all areas. */
    private static final Set<String> UNASKED = Set.of(
            "tick",
            "page-fault",
            "membarrier-other-cpu",
            "membarrier-plain",
            "ids-after-call",
            "pointer-after-call",
            "pointer-after-commit",
            "mm-cid-range",
            "mm-cid-alone",
            "unregister-fields",
            "syscall-effect");

    @Test
    void everyProbeHasBeenSeenToEndInTwoWays() {
        List<Map<String, Observation>> kernels = new ArrayList<>();
        Kernels.ALL.forEach(policy -> kernels.add(outcomes(policy)));
        kernels.add(outcomes(new OffByOnePolicy()));
        kernels.add(outcomes(new RashPolicy()));
        kernels.add(outcomes(new BlindPolicy()));
        Set<String> same = new TreeSet<>();
        for (Rule rule : TABLE.rules()) {
            Set<String> ends = new TreeSet<>();
            kernels.stream()
                    .map(kernel -> kernel.get(rule.id()))
                    .filter(Observation::shown)
                    .forEach(seen -> ends.add(seen.outcome()));
            if (ends.size() == 1) {
                same.add(rule.id());
            }
        }
        assertThat(same).isEqualTo(new TreeSet<>(UNASKED));
    }
}
