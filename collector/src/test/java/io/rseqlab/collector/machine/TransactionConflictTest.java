package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.TransactionStatus;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Cores that add to the same words in transactions, and one that only looks: nobody sees half a transaction, nobody
 * sees what is undone later, and nothing is lost.
 */
class TransactionConflictTest {
    private static final int DATA = Reg.W0;
    private static final int COMMITS = Reg.W1;
    private static final int CONFLICTS = Reg.W2;
    private static final int OTHERS = Reg.W3;
    private static final int TORN = Reg.W4;
    private static final int SEEN = Reg.W5;
    private static final int STATUS = Reg.T9;
    private static final int WORDS = 3;
    private static final long CYCLES = 400_000;

    private static Program program(int turns) {
        Assembler a = new Assembler();
        Assembler.Label undone = a.label();
        Assembler.Label other = a.label();
        Assembler.Label torn = a.label();
        a.place(a.label("adds"));
        Assembler.Label again = a.here();
        a.xbegin(STATUS, undone);
        a.ld64(Reg.T0, DATA, 0);
        a.addi(Reg.T1, Reg.T0, 1);
        for (int i = 0; i < WORDS; i++) {
            a.ld64(Reg.T2, DATA, 128 * i);
            a.bne(Reg.T2, Reg.T0, torn);
            a.st64(DATA, 128 * i, Reg.T1);
        }
        a.xend();
        a.addi(COMMITS, COMMITS, 1);
        a.li(Reg.T3, turns);
        Assembler.Label turn = a.here();
        a.djnz(Reg.T3, turn);
        a.jmp(again);
        a.place(torn); // leaves the transaction open: what it saw is what counts
        a.xend();
        a.addi(TORN, TORN, 1);
        a.jmp(again);
        a.place(undone);
        a.andi(STATUS, STATUS, (int) TransactionStatus.CONFLICT);
        a.beqz(STATUS, other);
        a.addi(CONFLICTS, CONFLICTS, 1);
        a.jmp(again);
        a.place(other);
        a.addi(OTHERS, OTHERS, 1);
        a.jmp(again);

        Assembler.Label fine = a.label();
        a.place(a.label("looks"));
        Assembler.Label look = a.here();
        a.ld64(Reg.T0, DATA, 128);
        a.bge(Reg.T0, SEEN, fine);
        a.addi(TORN, TORN, 1);
        a.place(fine);
        a.mov(SEEN, Reg.T0);
        a.li(Reg.T3, 4 * turns);
        Assembler.Label rest = a.here();
        a.djnz(Reg.T3, rest);
        a.jmp(look);
        return a.link();
    }

    /** Each core is interrupted after some hundreds of cycles, over and over. */
    private static final class Interrupts implements Supervisor {
        private final SplittableRandom random = new SplittableRandom(5);

        @Override
        public void interrupt(Core core) {
            core.enterUser(core.thread, core.retireCycle() + 50);
            core.interruptAt = core.retireCycle() + 50 + random.nextInt(900);
        }

        @Override
        public void syscall(Core core, int number) {
            throw new IllegalStateException();
        }

        @Override
        public long host(Core core, int number) {
            throw new IllegalStateException();
        }

        @Override
        public void wildAccess(Core core, long address) {
            throw new IllegalStateException("wild access at " + address);
        }

        @Override
        public void idle(Core core) {
            throw new IllegalStateException();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 4", "500, 1, 4", "500, 40, 4", "0, 300, 4", "500, 300, 8", "500, 2, 100"})
    void nothingIsSeenHalfAndNothingIsLost(long slack, int turns, int cpus) {
        Program program = program(turns);
        Layout layout = new Layout(0);
        long data = layout.reserve(128 * WORDS, 128);
        MachineProfile profile = ProfileReader.shipped("i7-4770-4").withCpus(cpus);
        Machine machine =
                new Machine(profile, program, layout, new Interrupts(), (core, kind, n, value, cycle) -> false, slack);
        SplittableRandom random = new SplittableRandom(slack + turns);
        machine.coherence.vary(random::nextLong);
        for (Core core : machine.cores) {
            ThreadContext thread = new ThreadContext(core.id, program.position(core.id == 0 ? "looks" : "adds"));
            thread.regs[DATA] = data;
            core.enterUser(thread, 37L * core.id);
            core.interruptAt = 500 + core.id;
        }
        machine.run(CYCLES);
        long commits = 0;
        long conflicts = 0;
        long others = 0;
        for (Core core : machine.cores) {
            core.leaveUser(Core.Mode.INTERRUPT); // what is open is undone
            long[] regs = core.thread.regs;
            assertThat(regs[TORN]).as("CPU %d", core.id).isZero();
            commits += regs[COMMITS];
            conflicts += regs[CONFLICTS];
            others += regs[OTHERS];
        }
        for (int i = 0; i < WORDS; i++) {
            // a core may have committed and not yet counted it
            assertThat(machine.memory.read64(data + 128 * i))
                    .isBetween(commits, commits + cpus)
                    .isEqualTo(machine.memory.read64(data));
        }
        assertThat(commits).isGreaterThan(20);
        assertThat(conflicts).isGreaterThan(20);
        assertThat(others).isGreaterThan(20);
        assertThat(machine.cores[0].thread.regs[SEEN]).isGreaterThan(10);
    }
}
