package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.trace.EventKind;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A futex wait looks at its word some time after the call: what another CPU writes until then, it sees. */
class FutexTest {
    private static final int WORD = 256;
    private static final int RESULT = 512;
    private static final int EAGAIN = -11;

    /** One thread waits for a word that another changes {@code delayCycles} after the call. */
    private static Bench waitWhileWordChanges(int delayCycles) {
        return new Bench(2, false, 0, new String[] {"waiter", "writer"}, (a, data) -> {
                    a.place(a.label("waiter"));
                    a.li(Reg.T0, data);
                    a.li(Reg.T1, 1);
                    a.li(Reg.A0, data + WORD);
                    a.li(Reg.A1, 0);
                    a.st64(Reg.T0, 0, Reg.T1);
                    a.syscall(HostCall.SYS_FUTEX_WAIT);
                    a.st64(Reg.T0, RESULT, Reg.A0);
                    end(a);
                    a.place(a.label("writer"));
                    a.li(Reg.T0, data);
                    Assembler.Label wait = a.here();
                    a.ld64(Reg.T1, Reg.T0, 0);
                    a.beqz(Reg.T1, wait);
                    a.work(delayCycles);
                    a.st64(Reg.T0, WORD, Reg.T1);
                    end(a);
                })
                .run(50e-6);
    }

    private static void end(Assembler a) {
        Assembler.Label end = a.here();
        a.jmp(end);
    }

    private static int look() {
        return (int) new Bench(1, false, 0, new String[0], (a, data) -> {}).machine.profile.cycles("kernel.futex_look");
    }

    @Test
    void aWordThatChangesBeforeTheLookEndsTheCall() {
        Bench bench = waitWhileWordChanges(look() / 2);
        assertThat(bench.machine.memory.read64(bench.data + RESULT)).isEqualTo(EAGAIN);
        assertThat(bench.count(EventKind.SWITCH)).isEqualTo(2);
    }

    /** A machine's look was measured with the way of a line in it: a call must not end before it looks. */
    @Test
    void noCallLooksBehindItsOwnEnd() {
        MachineProfile generic = ProfileReader.shipped("generic-64");
        Map<String, Double> all = new HashMap<>(generic.costs());
        all.put("kernel.futex_look", 3 * all.get("kernel.futex_again"));
        Costs costs = new Costs(new MachineProfile("x", generic.clockHz(), 2, 2, 1, all, generic.facts()));
        assertThat(costs.futexLook).isEqualTo(costs.futexAgain);
        assertThat(costs.futexWakeLook).isEqualTo(costs.futexWakeNobody);
    }

    @Test
    void aWordThatChangesBehindTheLookComesTooLate() {
        Bench bench = waitWhileWordChanges(2 * look());
        assertThat(bench.machine.memory.read64(bench.data + RESULT)).isZero();
        assertThat(bench.events).anyMatch(event -> event.kind() == EventKind.SWITCH && event.thread() == 0);
    }
}
