package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** rseq(2) answers what 6.18.44 was seen to answer, in its order of checks. */
class RegistrationTest {
    private static final int SIGNATURE = Program.SIGNATURE;
    private static final int OTHER = 0x11223344;
    private static final long UNMAPPED = 1L << 40;
    private static final long KERNEL = 0xffff_8000_0000_0000L;

    /** One call, its arguments relative to an area that is aligned to a page. */
    private record Call(long area, long length, int flags, int signature) {}

    private static Call register(long area, long length) {
        return new Call(area, length, 0, SIGNATURE);
    }

    private static Call unregister(long area, long length, int signature) {
        return new Call(area, length, Registration.UNREGISTER, signature);
    }

    /** Makes the calls one after the other; the area of 0 lies 2048 bytes into the data, results at its start. */
    private static Bench bench(RseqPolicy policy, Call... calls) {
        return Bench.Setup.of(policy, 1).unregistered().run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            for (int i = 0; i < calls.length; i++) {
                boolean absolute = calls[i].area < 0 || calls[i].area >= UNMAPPED || calls[i].area == -1;
                a.li(Reg.A0, absolute ? calls[i].area : data + 2048 + calls[i].area);
                a.li(Reg.A1, calls[i].length);
                a.li(Reg.A2, calls[i].flags);
                a.li(Reg.A3, calls[i].signature);
                a.syscall(HostCall.SYS_RSEQ);
                a.li(Reg.T1, data);
                a.st64(Reg.T1, 8 * i, Reg.A0);
            }
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    private static List<Integer> results(RseqPolicy policy, Call... calls) {
        Bench bench = bench(policy, calls);
        List<Integer> results = new ArrayList<>();
        for (int i = 0; i < calls.length; i++) {
            results.add((int) -bench.word(8L * i));
        }
        return results;
    }

    private static int first(Call call) {
        return results(new Linux618Policy(), call).get(0);
    }

    private static int second(Call call) {
        List<Integer> results = results(new Linux618Policy(), register(0, 32), call);
        assertThat(results.get(0)).isZero();
        return results.get(1);
    }

    @Test
    void aFirstRegistrationNeedsSizeAlignmentAndMemory() {
        assertThat(first(register(0, 32))).isZero();
        assertThat(first(register(0, 33))).isZero();
        assertThat(first(register(32, 33))).isZero();
        assertThat(first(register(0, 28))).isEqualTo(Errno.EINVAL);
        assertThat(first(register(0, 31))).isEqualTo(Errno.EINVAL);
        assertThat(first(register(16, 32))).isEqualTo(Errno.EINVAL);
        assertThat(first(register(16, 33))).isEqualTo(Errno.EINVAL);
        assertThat(first(register(UNMAPPED, 32))).isEqualTo(Errno.EFAULT);
        assertThat(first(register(KERNEL, 32))).isEqualTo(Errno.EFAULT);
        assertThat(first(register(KERNEL + 8, 32)))
                .as("alignment before address")
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void flagsComeFirst() {
        assertThat(first(new Call(16, 28, 2, SIGNATURE))).isEqualTo(Errno.EINVAL);
        assertThat(first(new Call(0, 32, 3, SIGNATURE))).isEqualTo(Errno.EINVAL);
        assertThat(second(new Call(0, 32, 3, OTHER))).isEqualTo(Errno.EINVAL);
        assertThat(second(new Call(0, 32, 4, SIGNATURE))).as("before busy").isEqualTo(Errno.EINVAL);
    }

    @Test
    void aSecondUserOfTheSameThreadIsToldSo() {
        assertThat(second(register(0, 32))).isEqualTo(Errno.EBUSY);
        assertThat(second(new Call(0, 32, 0, OTHER))).isEqualTo(Errno.EPERM);
        assertThat(second(register(64, 32))).isEqualTo(Errno.EINVAL);
        assertThat(second(register(0, 33))).isEqualTo(Errno.EINVAL);
        assertThat(second(new Call(64, 32, 0, OTHER)))
                .as("address before signature")
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void givingBackNeedsWhatWasRegistered() {
        assertThat(first(unregister(0, 32, SIGNATURE))).isEqualTo(Errno.EINVAL);
        assertThat(second(unregister(64, 32, SIGNATURE))).isEqualTo(Errno.EINVAL);
        assertThat(second(unregister(0, 33, SIGNATURE))).isEqualTo(Errno.EINVAL);
        assertThat(second(unregister(64, 32, OTHER))).isEqualTo(Errno.EINVAL);
        assertThat(second(unregister(0, 32, OTHER))).isEqualTo(Errno.EPERM);
        assertThat(second(unregister(0, 32, SIGNATURE))).isZero();
    }

    @Test
    void afterGivingBackAnotherMayRegister() {
        Call again = register(64, 32);
        assertThat(results(new Linux618Policy(), register(0, 32), unregister(0, 32, SIGNATURE), again))
                .containsExactly(0, 0, 0);
    }

    @Test
    void theFieldsSayWhetherThereIsARegistration() {
        long area = 2048;
        Bench registered = bench(new Linux618Policy(), register(0, 32));
        assertThat(registered.word(area + RseqArea.CPU_ID_START))
                .as("cpu_id_start and cpu_id")
                .isZero();
        Bench given = bench(new Linux618Policy(), register(0, 32), unregister(0, 32, SIGNATURE));
        assertThat(given.word(area)).isEqualTo(0xffff_ffff_0000_0000L);
        assertThat(given.word(area + RseqArea.NODE_ID - 4)).isZero();
        assertThat(given.word(area + RseqArea.MM_CID)).isZero();
    }

    @Test
    void anArmedDescriptorOfAnEarlierUserIsForgottenAtRegistration() {
        Bench bench = Bench.Setup.of(new Linux618Policy(), 1).unregistered().run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.T1, KERNEL);
            a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T1);
            call(a, 32);
            a.st64(Reg.WORKLOAD, 0, Reg.A0);
            a.ld64(Reg.T1, Reg.RSEQ, RseqArea.RSEQ_CS);
            a.st64(Reg.WORKLOAD, 8, Reg.T1);
            a.syscall(HostCall.SYS_EXIT);
        });
        assertThat(bench.killed).isEmpty();
        assertThat(bench.word(0)).isZero();
        assertThat(bench.word(8)).isZero();
    }

    private static void call(Assembler a, int length) {
        a.mov(Reg.A0, Reg.RSEQ);
        a.li(Reg.A1, length);
        a.li(Reg.A2, 0);
        a.li(Reg.A3, SIGNATURE);
        a.syscall(HostCall.SYS_RSEQ);
    }

    @Test
    void aKernelWithoutRseqKnowsNoSuchCall() {
        assertThat(results(new NoRseqPolicy(), register(16, 28))).containsExactly(Errno.ENOSYS);
    }

    @Test
    void theTraceHasEveryCallAndItsResult() {
        Bench bench = bench(new Linux618Policy(), register(0, 32), register(0, 32), unregister(0, 32, SIGNATURE));
        List<Event> calls = bench.events.stream()
                .filter(event -> event.kind() == EventKind.RSEQ_REGISTER)
                .toList();
        assertThat(calls)
                .extracting(event -> event.text(Column.DETAIL))
                .containsExactly("registered", "refused", "unregistered");
        assertThat(calls).extracting(event -> event.number(Column.NUMBER)).containsExactly(0L, (long) Errno.EBUSY, 0L);
    }
}
