package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * When other cores see stores: in the order of the program and behind earlier loads, later than the core itself. The
 * small programs are those by which memory orders are told apart (P. Sewell et al., "x86-TSO", 2010): message passing,
 * store buffering without anything between and with a fence or a locked operation, at all offsets of the two cores.
 */
class StoreBufferTest {
    private static final int LINES = Reg.W0;
    private static final int SEEN = Reg.W1;
    private static final int DONE = Reg.W2;
    private static final int ONE = Reg.W3;
    private static final int OWN = Reg.W4;
    private static final int OTHER = Reg.W5;
    private static final int DELAY = Reg.A1;
    private static final int FIRST = 0;
    private static final int SECOND = 128;
    private static final int MEET = 256;
    private static final int CHAIN = 384;
    private static final int LINKS = 4;
    private static final int OFFSETS = 1500;
    private static final MachineProfile FAR =
            ProfileReader.shipped("zen4-vm-2").withCpus(2).apart();

    private static MachineProfile unseen(double value) {
        Map<String, Double> costs = new HashMap<>(FAR.costs());
        costs.put("core.stores_unseen", value);
        costs.put("core.ordering_clear", 0.0);
        costs.put("transfer.jitter", 0.0);
        return new MachineProfile("x", FAR.clockHz(), 2, 1, 2, costs, FAR.facts());
    }

    /** Both cores have been at both lines not long before; then each waits as long as it has to. */
    private static void fight(Assembler a, int first, int last) {
        a.li(ONE, 1);
        a.xadd(Reg.T0, first, 8, ONE);
        meet(a, 2);
        a.xadd(Reg.T0, last, 8, ONE);
        meet(a, 4);
        Assembler.Label none = a.label();
        a.beqz(DELAY, none);
        Assembler.Label turn = a.here();
        a.addi(DELAY, DELAY, -1);
        a.bnez(DELAY, turn);
        a.place(none);
        a.fence();
    }

    private static void meet(Assembler a, int arrived) {
        a.fence();
        a.xadd(Reg.T0, LINES, MEET, ONE);
        a.li(Reg.T1, arrived);
        Assembler.Label again = a.here();
        a.ld64(Reg.T0, LINES, MEET);
        a.blt(Reg.T0, Reg.T1, again);
    }

    private static void end(Assembler a) {
        a.fence();
        a.li(DONE, 1);
        a.jmp(a.here());
    }

    private record Outcome(long first, long second) {}

    private static Machine started(MachineProfile profile, Program program, long offset, Supervisor supervisor) {
        Layout layout = new Layout(0);
        long lines = layout.reserve(CHAIN + 128 * (LINKS + 1), 128);
        for (int i = 0; i < LINKS; i++) {
            layout.word(lines + CHAIN + 128L * i, lines + CHAIN + 128L * (i + 1));
        }
        Machine machine =
                new Machine(profile, program, layout, supervisor, (core, kind, argument, value, cycle) -> false, 500);
        for (int i = 0; i < 2; i++) {
            ThreadContext thread = new ThreadContext(i, program.position(i == 0 ? "first" : "second"));
            thread.regs[LINES] = lines;
            thread.regs[OWN] = lines + (i == 0 ? FIRST : SECOND);
            thread.regs[OTHER] = lines + (i == 0 ? SECOND : FIRST);
            thread.regs[DELAY] = Math.max(0, i == 0 ? offset : -offset);
            machine.cores[i].enterUser(thread, 300L * i);
        }
        return machine;
    }

    private static Outcome run(Program program, long offset) {
        Machine machine = started(unseen(1), program, offset, null);
        for (long until = 100; register(machine, 0, DONE) + register(machine, 1, DONE) < 2; until += 100) {
            machine.run(until);
        }
        return new Outcome(register(machine, 0, SEEN), register(machine, 1, SEEN));
    }

    private static long register(Machine machine, int core, int register) {
        return machine.cores[core].thread.regs[register];
    }

    private static List<Outcome> atAllOffsets(Program program) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int offset = -OFFSETS; offset <= OFFSETS; offset += 5) {
            outcomes.add(run(program, offset));
        }
        return outcomes;
    }

    /** Each loads a line that nobody has, to one of two places, writes its own word and reads the other's. */
    private static Program storeBuffering(Consumer<Assembler> between) {
        Assembler a = new Assembler();
        for (String side : List.of("first", "second")) {
            a.place(a.label(side));
            fight(a, OTHER, OWN);
            a.ld64(Reg.T1, OWN, CHAIN);
            a.st64(OWN, 0, ONE);
            between.accept(a);
            a.ld64(SEEN, OTHER, 0);
            end(a);
        }
        return a.link();
    }

    @Test
    void twoCoresCanMissEachOthersStores() {
        assertThat(atAllOffsets(storeBuffering(a -> {}))).contains(new Outcome(0, 0));
    }

    /** A load takes the line from the other's store first, which has to ask for it anew. */
    private static Program storeBufferingUnder(Consumer<Assembler> barrier) {
        return storeBuffering(a -> {
            a.ld64(Reg.T2, OTHER, 8);
            barrier.accept(a);
        });
    }

    @Test
    void notBehindAFence() {
        assertThat(atAllOffsets(storeBufferingUnder(Assembler::fence))).doesNotContain(new Outcome(0, 0));
    }

    /** The locked operation is on a line that nobody else is at, so that it need not wait for that. */
    @Test
    void norBehindALockedOperation() {
        assertThat(atAllOffsets(storeBufferingUnder(a -> a.xadd(Reg.T1, OWN, CHAIN + 128 * LINKS - FIRST, ONE))))
                .doesNotContain(new Outcome(0, 0));
    }

    /** A core's own loads find what it has stored. */
    @Test
    void aCoreSeesItsOwnStoresAtOnce() {
        Program program = storeBuffering(a -> {
            a.addi(Reg.T2, ONE, 6);
            a.st64(OWN, 0, Reg.T2);
            a.ld64(Reg.T3, OWN, 0);
            a.mov(OTHER, OWN);
        });
        assertThat(atAllOffsets(program)).containsOnly(new Outcome(7, 7));
    }

    /** A line that both have had for long lies in the filter of first-level hits when the store asks for it alone. */
    @Test
    void norDoesItMissThemInALineThatItReadBefore() {
        Assembler a = new Assembler();
        for (String side : List.of("first", "second")) {
            a.place(a.label(side));
            a.ld64(Reg.T1, LINES, FIRST);
            a.li(Reg.T2, 2 * Coherence.CONTENDED_CYCLES);
            Assembler.Label rest = a.here();
            a.djnz(Reg.T2, rest);
            a.ld64(Reg.T1, LINES, FIRST);
            a.ld64(Reg.T1, LINES, FIRST);
            if (side.equals("first")) {
                a.addi(Reg.T3, Reg.ZERO, 7);
                a.st64(LINES, FIRST, Reg.T3);
                a.ld64(SEEN, LINES, FIRST);
            }
            end(a);
        }
        assertThat(run(a.link(), 0).first()).isEqualTo(7);
    }

    /** The first writes data and then a flag on another line; the second reads the flag and then the data. */
    @Test
    void storesAreSeenInTheirOrder() {
        Assembler a = new Assembler();
        a.place(a.label("first"));
        fight(a, OWN, OTHER);
        a.st64(LINES, FIRST, ONE);
        a.st64(LINES, SECOND, ONE);
        end(a);
        a.place(a.label("second"));
        fight(a, OWN, OTHER);
        a.ld64(Reg.T1, LINES, SECOND);
        a.ld64(Reg.T2, LINES, FIRST);
        a.shli(Reg.T1, Reg.T1, 1);
        a.or(SEEN, Reg.T1, Reg.T2);
        end(a);
        List<Outcome> outcomes = atAllOffsets(a.link());
        assertThat(outcomes).doesNotContain(new Outcome(0, 2));
        assertThat(outcomes).contains(new Outcome(0, 0), new Outcome(0, 3));
    }

    /** The first core loads a list, each of whose lines it lacks, then stores; the second waits for the store. */
    private static long cyclesUntilSeen(MachineProfile profile) {
        Assembler a = new Assembler();
        a.place(a.label("first"));
        fight(a, OWN, OTHER);
        a.addi(Reg.T1, LINES, CHAIN);
        for (int i = 0; i < LINKS; i++) {
            a.ld64(Reg.T1, Reg.T1, 0);
        }
        a.st64(LINES, FIRST, ONE);
        end(a);
        a.place(a.label("second"));
        for (int i = 0; i <= LINKS; i++) {
            a.ld64(Reg.T1, LINES, CHAIN + 128 * i);
            a.st64(LINES, CHAIN + 128 * i, Reg.T1);
        }
        fight(a, OWN, OTHER);
        Assembler.Label again = a.here();
        a.ld64(Reg.T0, LINES, FIRST);
        a.beqz(Reg.T0, again);
        a.li(SEEN, 1);
        end(a);
        Machine machine = started(profile, a.link(), 0, null);
        long until = 0;
        while (register(machine, 1, SEEN) == 0) {
            machine.run(until += 10);
        }
        return until;
    }

    @Test
    void aStoreIsSeenBehindEarlierLoads() {
        long transfer = FAR.cycles("transfer.other_l3");
        assertThat(cyclesUntilSeen(unseen(1))).isGreaterThan(cyclesUntilSeen(unseen(0)) + 3 * transfer / 2);
    }

    /** Notes what a word is when the first core comes by a system call; there it stays. */
    private static final class Notes implements Supervisor {
        private Machine machine;
        private long seen = -1;

        @Override
        public void syscall(Core core, int number) {
            seen = machine.memory.words[(int) (core.thread.regs[OWN] >>> 3)];
            core.enterIdle(core.retireCycle, Long.MAX_VALUE);
        }

        @Override
        public void interrupt(Core core) {
            throw new AssertionError();
        }

        @Override
        public long host(Core core, int number) {
            throw new AssertionError();
        }

        @Override
        public void wildAccess(Core core, long address) {
            throw new AssertionError();
        }

        @Override
        public void idle(Core core) {
            throw new AssertionError();
        }
    }

    /** A thread may go on elsewhere from there. */
    @Test
    void theKernelFindsAllStoresSeen() {
        Assembler a = new Assembler();
        a.place(a.label("first"));
        fight(a, OTHER, OWN);
        a.ld64(Reg.T1, OWN, CHAIN);
        a.st64(OWN, 0, ONE);
        a.syscall(1);
        end(a);
        a.place(a.label("second"));
        fight(a, OTHER, OWN);
        end(a);
        Notes notes = new Notes();
        notes.machine = started(unseen(1), a.link(), 0, notes);
        for (long until = 100; notes.seen < 0; until += 100) {
            notes.machine.run(until);
        }
        assertThat(notes.seen).isEqualTo(1);
    }
}
