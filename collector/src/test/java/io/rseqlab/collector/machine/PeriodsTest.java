package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole periods are skipped, and only where nothing comes of it but counts. */
class PeriodsTest {
    private static final int CPUS = 3;
    static final MachineProfile MACHINE = ProfileReader.shipped("zen5-vm-2").withCpus(CPUS);
    private static final int AREA_BYTES = 1024;
    static final long CYCLES = 400_000;
    private static final long SLACK_CYCLES = 500;

    /** Words of a thread's area, in bytes; what programs count up and what they fill. */
    static final int COUNTER = 0;

    private static final int OTHER_COUNTER = 8;
    private static final int DATA = 512;

    /** What a program's loop does; all threads run the same, each on an area of its own. */
    record Loop(Consumer<Assembler> body) {}

    /** Adds up what marks say, and lets it be repeated. */
    private static final class Sums implements MarkListener {
        private final long[] sums = new long[CPUS];
        private final long[][] noted = new long[CPUS][];

        @Override
        public boolean mark(Core core, int kind, int argument, long value, long cycle) {
            sums[core.id] += value;
            return false;
        }

        @Override
        public MarkJournal note(Core core) {
            long before = sums[core.id];
            return new MarkJournal() {
                private long sum = Long.MIN_VALUE;

                @Override
                public void close() {
                    sum = sum == Long.MIN_VALUE ? sums[core.id] - before : sum;
                }

                @Override
                public boolean repeats() {
                    return true;
                }

                @Override
                public long rise() {
                    return 0;
                }

                @Override
                public void repeat(long times, long cycles) {
                    sums[core.id] += times * sum;
                }
            };
        }
    }

    /** What is left of a run, times that have passed apart; and how much of it was skipped. */
    record Left(long[] state, long skipped) {}

    private static Left run(Loop loop, Engine engine) {
        return run(loop, a -> {}, engine, CYCLES);
    }

    private static Left run(Loop loop, Consumer<Assembler> more, Engine engine, long cycles) {
        return run(MACHINE, loop, more, core -> {}, engine, cycles);
    }

    /**
     * The same on another machine.
     *
     * @param more another program for CPU 1, which goes on to the loop if it ends; empty if there is none
     * @param prepare sets what a core remembers from before
     */
    static Left run(
            MachineProfile profile,
            Loop loop,
            Consumer<Assembler> more,
            Consumer<Core> prepare,
            Engine engine,
            long cycles) {
        Layout layout = new Layout(0);
        long areas = layout.reserve((long) CPUS * AREA_BYTES, 64);
        Assembler a = new Assembler();
        more.accept(a);
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        loop.body.accept(a);
        a.mark(Mark.WORK_DONE, 0, Reg.W8);
        a.beqz(Reg.ZERO, again);
        Program program = a.link();
        Sums sums = new Sums();
        Machine machine = new Machine(profile, program, layout, new Ticks(), sums, SLACK_CYCLES);
        machine.use(engine);
        for (Core core : machine.cores) {
            boolean other = core.id == 1 && program.position("main") > 0;
            ThreadContext thread = new ThreadContext(core.id, other ? 0 : program.position("main"));
            thread.regs[Reg.W1] = areas;
            thread.regs[Reg.W0] = areas + (long) AREA_BYTES * core.id;
            thread.regs[Reg.W8] = 1;
            core.enterUser(thread, 10L * core.id);
            core.interruptAt = 150_000 + 1000 * core.id;
            prepare.accept(core);
        }
        machine.run(cycles);
        return new Left(state(machine, sums), machine.skippedMicroOps());
    }

    private static long[] state(Machine machine, Sums sums) {
        long[] all = new long[2 + 12 * CPUS];
        int i = 0;
        all[i++] = Arrays.hashCode(machine.exposureCycles);
        all[i++] = Arrays.hashCode(machine.memory.words);
        for (Core core : machine.cores) {
            CoreState state = new CoreState();
            state.capture(core);
            all[i++] = state.hash();
            all[i++] = core.dispatch;
            all[i++] = core.microOps;
            all[i++] = core.stores;
            all[i++] = core.retireCycle;
            all[i++] = core.mispredicts;
            all[i++] = core.atomics;
            all[i++] = core.key;
            all[i++] = Arrays.hashCode(core.thread.regs);
            all[i++] = Arrays.hashCode(core.tripCount);
            all[i++] = Arrays.hashCode(core.bias);
            all[i++] = sums.sums[core.id];
        }
        return all;
    }

    /** Interrupts that come every 150,000 cycles and take 700. */
    private static final class Ticks implements Supervisor {
        @Override
        public void interrupt(Core core) {
            long cycle = core.retireCycle() + 700;
            core.enterUser(core.thread, cycle);
            core.interruptAt = cycle + 150_000;
        }

        @Override
        public void syscall(Core core, int number) {
            throw new AssertionError("no calls here");
        }

        @Override
        public long host(Core core, int number) {
            return 3;
        }

        @Override
        public void wildAccess(Core core, long address) {
            throw new AssertionError("wild access");
        }

        @Override
        public void idle(Core core) {
            throw new AssertionError("nobody is idle here");
        }
    }

    static void count(Assembler a, int word, int by) {
        a.ld64(Reg.W7, Reg.W0, word);
        a.addi(Reg.W7, Reg.W7, by);
        a.st64(Reg.W0, word, Reg.W7);
    }

    private static void agree(Loop loop, boolean skips) {
        Left expected = run(loop, Engine.INTERPRETER);
        for (Engine engine : new Engine[] {Engine.FAST_FORWARD, Engine.COMPILED_FAST_FORWARD}) {
            Left left = run(loop, engine);
            assertThat(left.state).as("%s", engine).isEqualTo(expected.state);
            if (skips) {
                assertThat(left.skipped).as("skipped").isGreaterThan(100_000);
            } else {
                assertThat(left.skipped).as("skipped").isZero();
            }
        }
    }

    @Test
    void wordsThatOnlyCountAreSkippedOver() {
        agree(
                new Loop(a -> {
                    count(a, COUNTER, 1);
                    count(a, OTHER_COUNTER, -3);
                    a.li(Reg.T0, 5);
                    a.st64(Reg.W0, 64, Reg.T0);
                    a.li(Reg.W7, 0);
                }),
                true);
    }

    /** A register that holds a count over the end of the loop is as it would be, too. */
    @Test
    void registersThatHoldCountsAreRight() {
        agree(
                new Loop(a -> {
                    count(a, OTHER_COUNTER, 2);
                    a.ld64(Reg.T5, Reg.W0, COUNTER);
                    a.addi(Reg.T5, Reg.T5, 7);
                    a.st64(Reg.W0, COUNTER, Reg.T5);
                    a.li(Reg.W7, 0);
                }),
                true);
    }

    /** CPU 1 looks at what CPU 0 counts now and then: what it finds must have been counted by then. */
    @ParameterizedTest
    @ValueSource(ints = {130_000, 171_717})
    void whoLooksAtACountFindsItUpToDate(int turns) {
        Consumer<Assembler> looks = a -> {
            Assembler.Label again = a.here();
            a.li(Reg.T0, turns);
            Assembler.Label turn = a.here();
            a.djnz(Reg.T0, turn);
            a.ld64(Reg.T1, Reg.W1, COUNTER);
            a.ld64(Reg.T2, Reg.W0, 64);
            a.add(Reg.T2, Reg.T2, Reg.T1);
            a.st64(Reg.W0, 64, Reg.T2);
            a.jmp(again);
        };
        Loop counts = new Loop(a -> {
            count(a, COUNTER, 1);
            a.li(Reg.W7, 0);
        });
        Left expected = run(counts, looks, Engine.INTERPRETER, 4 * CYCLES);
        for (Engine engine : new Engine[] {Engine.FAST_FORWARD, Engine.COMPILED_FAST_FORWARD}) {
            Left left = run(counts, looks, engine, 4 * CYCLES);
            assertThat(left.state).as("%s", engine).isEqualTo(expected.state);
            assertThat(left.skipped).isGreaterThan(100_000);
        }
    }

    @Test
    void versionsOfACompareAndSwapOnlyCount() {
        agree(
                new Loop(a -> {
                    a.ld64(Reg.T1, Reg.W0, DATA + 8);
                    a.ld64(Reg.T0, Reg.W0, DATA);
                    a.addi(Reg.T3, Reg.T1, 1);
                    a.mov(Reg.T2, Reg.T0);
                    a.cas128(Reg.T4, Reg.W0, DATA, Reg.T0, Reg.T2);
                }),
                true);
    }

    @Test
    void aCountThatDecidesABranchIsNotSkippedOver() {
        agree(
                new Loop(a -> {
                    Assembler.Label rare = a.label();
                    count(a, COUNTER, 1);
                    a.li(Reg.T0, 20_000);
                    a.bne(Reg.W7, Reg.T0, rare);
                    a.st64(Reg.W0, 128, Reg.T0);
                    a.place(rare);
                    a.li(Reg.W7, 0);
                }),
                false);
    }

    @Test
    void aCountThatIsAnAddressIsNotSkippedOver() {
        agree(
                new Loop(a -> {
                    count(a, COUNTER, 8);
                    a.andi(Reg.T0, Reg.W7, 0xf8);
                    a.add(Reg.T0, Reg.T0, Reg.W0);
                    a.ld64(Reg.T1, Reg.T0, 256);
                    a.shri(Reg.T2, Reg.W7, 16);
                    a.st64(Reg.W0, 384, Reg.T2);
                    a.li(Reg.W7, 0);
                }),
                false);
    }

    @Test
    void aCountThatGoesElsewhereIsNotSkippedOver() {
        agree(
                new Loop(a -> {
                    count(a, COUNTER, 1);
                    a.st64(Reg.W0, 64, Reg.W7);
                    a.li(Reg.W7, 0);
                }),
                false);
    }

    @Test
    void aCountThatAMarkTellsIsNotSkippedOver() {
        agree(
                new Loop(a -> {
                    count(a, COUNTER, 1);
                    a.mark(Mark.COUNT, 0, Reg.W7);
                    a.li(Reg.W7, 0);
                }),
                false);
    }

    @Test
    void aCallOfTheHostIsNotSkippedOver() {
        agree(new Loop(a -> a.host(0)), false);
    }

    /** What is read before it is written must be as before, whatever repeats otherwise. */
    @Test
    void aRegisterThatCountsIsNotSkippedOver() {
        agree(new Loop(a -> a.addi(Reg.T5, Reg.T5, 1)), false);
    }

    /** Loops of random work with counts among it, on memory that comes to rest or does not. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void randomLoops(int series) {
        long skipped = 0;
        for (int program = 0; program < 10; program++) {
            long seed = 100L * series + program;
            Loop loop = new Loop(a -> random(a, new Random(seed)));
            Left expected = run(loop, Engine.INTERPRETER);
            Engine engine = program % 2 == 0 ? Engine.FAST_FORWARD : Engine.COMPILED_FAST_FORWARD;
            Left left = run(loop, engine);
            assertThat(left.state).as("program %d, %s", seed, engine).isEqualTo(expected.state);
            skipped += left.skipped;
        }
        assertThat(skipped).isGreaterThan(1_000_000);
    }

    private static void random(Assembler a, Random random) {
        int parts = 3 + random.nextInt(20);
        a.ld64(Reg.T0, Reg.W0, DATA + 8 * random.nextInt(8));
        a.ld64(Reg.T1, Reg.W0, DATA + 8 * random.nextInt(8));
        a.li(Reg.T2, random.nextInt(1000));
        a.li(Reg.T3, random.nextInt(5));
        for (int part = 0; part < parts; part++) {
            int one = Reg.T0 + random.nextInt(4);
            int two = Reg.T0 + random.nextInt(4);
            int three = Reg.T0 + random.nextInt(4);
            switch (random.nextInt(14)) {
                case 0, 1, 2 -> count(a, 8 * random.nextInt(6), random.nextInt(7) - 2);
                case 3 -> a.xor(one, two, three);
                case 4 -> a.andi(one, two, random.nextInt(64));
                case 5 -> a.mul(one, two, three);
                case 6 -> a.ld64(one, Reg.W0, DATA + 8 * random.nextInt(8));
                case 7, 8 -> a.st64(Reg.W0, DATA + 8 * random.nextInt(8), one);
                case 9 -> a.st16(Reg.W0, DATA + 8 * random.nextInt(8), one);
                case 10 -> a.xchg(one, Reg.W0, DATA + 8 * random.nextInt(8), two);
                case 11 -> {
                    Assembler.Label over = a.label();
                    a.andi(one, one, 3);
                    a.beq(one, two, over);
                    a.addi(three, three, 1);
                    a.place(over);
                }
                case 12 -> {
                    a.li(Reg.T8, 1 + random.nextInt(9));
                    Assembler.Label turn = a.here();
                    a.djnz(Reg.T8, turn);
                }
                default -> a.cas64(one, Reg.W0, DATA + 8 * random.nextInt(8), two, three);
            }
        }
        a.li(Reg.W7, 0);
    }
}
