package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What kills a thread with SIGSEGV: every reason that was seen on 6.18.44 or stands in its source. */
class KillRulesTest {
    /** Where the tests' descriptors lie in the data. */
    private static final int DESCRIPTOR = 1024;

    private static final long KERNEL = 0xffff_8000_0000_0000L;

    /** Changes a good descriptor, whose address is in T1. */
    private interface Change {
        void apply(Assembler a, Assembler.Label target);
    }

    private static Change word(int offset, long value) {
        return (a, target) -> {
            a.li(Reg.T2, value);
            a.st64(Reg.T1, offset, Reg.T2);
        };
    }

    /**
     * Arms a descriptor like the one of the program's section but for a change, sleeps inside or outside the section,
     * and says at the start of the data that it lived (1) or was aborted (2).
     */
    private static Bench sleep(RseqPolicy policy, boolean inside, Change change) {
        return Bench.Setup.of(policy, 1).run(1e-3, (a, data) -> {
            Assembler.Label aborted = a.label();
            Assembler.Label end = a.label();
            a.place(a.label("main"));
            a.li(Reg.T1, data + DESCRIPTOR);
            a.li(Reg.T0, Program.descriptor(0));
            for (int offset = 0; offset < Descriptor.BYTES; offset += 8) {
                a.ld64(Reg.T2, Reg.T0, offset);
                a.st64(Reg.T1, offset, Reg.T2);
            }
            change.apply(a, aborted);
            a.li(Reg.T5, 1);
            a.li(Reg.A0, 1000);
            a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T1);
            Assembler.SectionLabel section = a.section("sleep", aborted);
            a.start(section);
            if (inside) {
                a.syscall(HostCall.SYS_NANOSLEEP);
            }
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.commit(section);
            if (!inside) {
                a.syscall(HostCall.SYS_NANOSLEEP);
                a.st64(Reg.WORKLOAD, 8, Reg.T5);
            }
            a.jmp(end);
            a.place(aborted);
            a.li(Reg.T5, 2);
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.place(end);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    private static void kills(Change change, KillReason reason) {
        assertThat(sleep(new Linux618Policy(), true, change).killed).containsExactly(reason.words());
        Bench outside = sleep(new Linux618Policy(), false, change);
        assertThat(outside.killed).as("also outside of the section").containsExactly(reason.words());
        assertThat(outside.word(8)).isZero();
    }

    private static final long CODE = Program.CODE_BASE;

    @Test
    void aGoodDescriptorAbortsInsideAndIsForgottenOutside() {
        Bench inside = sleep(new Linux618Policy(), true, (a, target) -> {});
        assertThat(inside.killed).isEmpty();
        assertThat(inside.word(0)).isEqualTo(2);
        Bench outside = sleep(new Linux618Policy(), false, (a, target) -> {});
        assertThat(outside.killed).isEmpty();
        assertThat(outside.word(8)).isEqualTo(1);
        assertThat(outside.machine.memory.read64(outside.rseqAreas[0] + RseqArea.RSEQ_CS))
                .isZero();
    }

    @Test
    void aBadDescriptorKillsEvenOutside() {
        kills((a, target) -> a.li(Reg.T1, KERNEL), KillReason.POINTER);
        kills((a, target) -> a.li(Reg.T1, RseqArea.TASK_SIZE), KillReason.POINTER);
        kills((a, target) -> a.li(Reg.T1, RseqArea.TASK_SIZE - 8), KillReason.DESCRIPTOR);
        kills((a, target) -> a.li(Reg.T1, 1L << 40), KillReason.DESCRIPTOR);
        kills(word(RseqArea.CS_VERSION, 1), KillReason.VERSION);
        kills(word(RseqArea.CS_START_IP, KERNEL), KillReason.START);
        kills(word(RseqArea.CS_POST_COMMIT_OFFSET, RseqArea.TASK_SIZE), KillReason.END);
        kills(word(RseqArea.CS_POST_COMMIT_OFFSET, -CODE), KillReason.LENGTH);
        kills(word(RseqArea.CS_ABORT_IP, KERNEL), KillReason.HANDLER);
        kills(word(RseqArea.CS_POST_COMMIT_OFFSET, 1L << 40), KillReason.HANDLER_INSIDE);
        kills(word(RseqArea.CS_ABORT_IP, 0), KillReason.SIGNATURE_UNREADABLE);
        kills(word(RseqArea.CS_ABORT_IP, CODE + 4), KillReason.SIGNATURE);
    }

    @Test
    void flagsKillInsideAndGoUnnoticedOutside() {
        Change flags = word(RseqArea.CS_VERSION, 1L << 32);
        assertThat(sleep(new Linux618Policy(), true, flags).killed).containsExactly(KillReason.FLAGS.words());
        assertThat(sleep(new Linux618Policy(), false, flags).killed).isEmpty();
        Change ofThread = (a, target) -> {
            a.li(Reg.T2, 1);
            a.st32(Reg.RSEQ, RseqArea.FLAGS, Reg.T2);
        };
        assertThat(sleep(new Linux618Policy(), true, ofThread).killed).containsExactly(KillReason.FLAGS.words());
        assertThat(sleep(new Linux618Policy(), false, ofThread).killed).isEmpty();
    }

    /** The signature stands there, and what follows it is no code: the kernel goes there, and the fetch faults. */
    @Test
    void aHandlerThatIsNoCodeKillsInside() {
        Change change = (a, target) -> {
            a.li(Reg.T2, Program.SIGNATURE);
            a.st32(Reg.T1, 64, Reg.T2);
            a.addi(Reg.T2, Reg.T1, 68);
            a.st64(Reg.T1, RseqArea.CS_ABORT_IP, Reg.T2);
        };
        assertThat(sleep(new Linux618Policy(), true, change).killed).containsExactly(KillReason.NO_CODE.words());
        assertThat(sleep(new Linux618Policy(), false, change).killed).isEmpty();
    }

    private static void protect(Assembler a, long address, int call) {
        a.li(Reg.A0, address);
        a.li(Reg.A1, UserAccess.PAGE_BYTES);
        a.li(Reg.A2, 1);
        a.syscall(call);
    }

    /** The registered area is the data's second half. */
    private static List<String> afterLosingTheArea(int call) {
        return Bench.Setup.of(new Linux618Policy(), 1)
                .unregistered()
                .run(1e-3, (a, data) -> {
                    a.place(a.label("main"));
                    a.li(Reg.A0, data + 2048);
                    a.li(Reg.A1, RseqArea.LENGTH);
                    a.li(Reg.A3, Program.SIGNATURE);
                    a.syscall(HostCall.SYS_RSEQ);
                    protect(a, data, call);
                    a.li(Reg.A0, 1000);
                    a.syscall(HostCall.SYS_NANOSLEEP);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .killed;
    }

    @Test
    void anAreaThatIsGoneOrCannotBeWrittenKillsAtTheNextSwitch() {
        assertThat(afterLosingTheArea(HostCall.SYS_MUNMAP)).containsExactly(KillReason.AREA.words());
        assertThat(afterLosingTheArea(HostCall.SYS_MPROTECT)).containsExactly(KillReason.AREA.words());
        assertThat(afterLosingTheArea(HostCall.SYS_GETPPID)).isEmpty();
    }

    /** User code need not clear rseq_cs on leaving a section, but must before it unmaps the descriptor. */
    @Test
    void aStaleDescriptorThatWasUnmappedKills() {
        Change stale = (a, target) -> {
            a.mov(Reg.T6, Reg.T1);
            a.mov(Reg.A0, Reg.T1);
            a.li(Reg.A1, 1);
            a.syscall(HostCall.SYS_MUNMAP);
            a.mov(Reg.T1, Reg.T6);
        };
        assertThat(sleep(new Linux618Policy(), false, stale).killed).containsExactly(KillReason.DESCRIPTOR.words());
    }
}
