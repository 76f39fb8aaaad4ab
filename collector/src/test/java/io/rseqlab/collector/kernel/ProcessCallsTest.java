package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Memory;
import io.rseqlab.trace.EventKind;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The auxiliary vector, the heap and its page faults, a debugger's steps, and exec of nothing. */
class ProcessCallsTest {
    private static final int PAGE = UserAccess.PAGE_BYTES;

    private static Map<Long, Long> vector(RseqPolicy policy) {
        Bench bench = Bench.Setup.of(policy, 1).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.A0, ProcessCalls.GET_AUXV);
            a.li(Reg.A1, data);
            a.li(Reg.A2, 256);
            a.syscall(HostCall.SYS_PRCTL);
            a.li(Reg.T1, data + 512);
            a.st64(Reg.T1, 0, Reg.A0);
            a.syscall(HostCall.SYS_EXIT);
        });
        Map<Long, Long> entries = new TreeMap<>();
        for (long at = 0; at < bench.word(512); at += 16) {
            entries.put(bench.word(at), bench.word(at + 8));
        }
        return entries;
    }

    @Test
    void theVectorSaysWhatAnAreaMustBeLike() {
        assertThat(vector(new Linux618Policy())).isEqualTo(Map.of(0L, 0L, 6L, 4096L, 27L, 28L, 28L, 32L));
        assertThat(vector(new Linux71Policy())).containsEntry(27L, 33L).containsEntry(28L, 64L);
        assertThat(vector(new NoRseqPolicy())).doesNotContainKeys(27L, 28L);
    }

    /** Touches pages of the heap one by one; answers the bench after the last. */
    private static Bench touch(int first, int pages, int heapPages) {
        return Bench.Setup.of(new Linux618Policy(), 1).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.A0, 0);
            a.syscall(HostCall.SYS_BRK);
            a.mov(Reg.T7, Reg.A0);
            a.addi(Reg.A0, Reg.A0, heapPages * PAGE);
            a.syscall(HostCall.SYS_BRK);
            a.li(Reg.T5, 7);
            for (int page = first; page < first + pages; page++) {
                a.st64(Reg.T7, page * PAGE, Reg.T5);
                a.ld64(Reg.T6, Reg.T7, page * PAGE);
            }
            a.st64(Reg.WORKLOAD, 0, Reg.T6);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void pagesOfTheHeapComeWhenTheyAreTouched() {
        Bench none = touch(0, 0, 8);
        Bench three = touch(0, 3, 8);
        assertThat(three.word(0))
                .as("the store was done again behind the fault")
                .isEqualTo(7);
        assertThat(three.machine.memory.end() - none.machine.memory.end()).isEqualTo(3 * PAGE);
        long fault = Math.round(1.2e-6 * three.machine.profile.clockHz());
        long spent = three.machine.cores[0].kernelCycles - none.machine.cores[0].kernelCycles;
        assertThat(spent).as("three faults").isBetween(3 * fault, 3 * fault + 300);
    }

    @Test
    void behindTheHeapThereIsNothing() {
        Bench bench = touch(8, 1, 8);
        assertThat(bench.killed).containsExactly("wild access");
        assertThat(bench.machine.memory.mapped(Memory.BASE)).isTrue();
    }

    private static Bench stepped(boolean debugger) {
        return Bench.Setup.of(new Linux618Policy(), 1).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            if (debugger) {
                a.li(Reg.A0, 0);
                a.syscall(HostCall.SYS_PTRACE);
            }
            a.li(Reg.T5, 0);
            a.li(Reg.A0, 99);
            for (int i = 0; i < 20; i++) {
                a.addi(Reg.T5, Reg.T5, 1);
            }
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.st64(Reg.WORKLOAD, 8, Reg.A0);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void aDebuggerStopsAThreadBehindEachInstruction() {
        Bench bench = stepped(true);
        assertThat(bench.word(0)).isEqualTo(20);
        assertThat(bench.word(8)).as("registers are as before").isEqualTo(99);
        assertThat(bench.count(EventKind.WAKEUP) - stepped(false).count(EventKind.WAKEUP))
                .as("stops")
                .isBetween(24L, 25L);
    }

    @Test
    void anExecOfNothingComesBackWithAnError() {
        Bench bench = Bench.Setup.of(new Linux618Policy(), 1).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.A0, 4);
            a.syscall(HostCall.SYS_EXECVE);
            a.st64(Reg.WORKLOAD, 0, Reg.A0);
            a.li(Reg.T1, 1);
            Assembler.Label end = a.label();
            a.beqz(Reg.T1, end);
            a.st64(Reg.WORKLOAD, 8, Reg.T1);
            a.place(end);
            a.syscall(HostCall.SYS_EXIT);
        });
        assertThat(bench.word(0)).isEqualTo(-Errno.ENOENT);
        assertThat(bench.word(8)).isEqualTo(1);
        assertThat(bench.killed).isEmpty();
    }
}
