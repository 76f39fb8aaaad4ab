package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two CPUs that are at one line: which of its transfers are false sharing follows from who uses which word. Of the
 * first two transfers nothing is known, nor of the writes behind them where these were loads that share.
 */
class FalseSharingTest {
    private static final long UNKNOWN = 4;
    private static final int LINE = Reg.W0;
    private static final int OFFSET = Reg.W1;
    private static final int VALUE = Reg.W2;

    /** Lines of objects that came to both CPUs, and how many of them by false sharing. */
    private record Counts(long transfers, long falseSharing) {}

    /** Profiles on which a load takes a written line over and on which it shares it, few CPUs and more than 64. */
    static Stream<Arguments> machines() {
        return Stream.of(Engine.values())
                .flatMap(engine ->
                        Stream.of(Arguments.of("generic-64", 2, engine), Arguments.of("epyc-9654-384", 200, engine)));
    }

    private static Counts run(String profile, int cpus, Engine engine, String one, String other, long... offsets) {
        Assembler code = new Assembler();
        for (String name : new String[] {"reads", "writes", "adds", "exchanges"}) {
            code.place(code.label(name));
            code.add(LINE, LINE, OFFSET);
            Assembler.Label again = code.here();
            switch (name) {
                case "reads" -> code.ld64(VALUE, LINE, 0);
                case "writes" -> code.st64(LINE, 0, VALUE);
                case "exchanges" -> code.xchg(VALUE, LINE, 0, VALUE);
                default -> {
                    code.ld64(VALUE, LINE, 0);
                    code.addi(VALUE, VALUE, 1);
                    code.st64(LINE, 0, VALUE);
                }
            }
            code.li(Reg.T0, 20);
            Assembler.Label think = code.here();
            code.djnz(Reg.T0, think);
            code.jmp(again);
        }
        Program program = code.link();
        Machine machine = new Machine(
                ProfileReader.shipped(profile).withCpus(cpus),
                program,
                new Layout(0),
                null,
                (core, kind, argument, value, cycle) -> false,
                500);
        machine.use(engine);
        long heap = machine.memory.extend(4096);
        machine.coherence.grow();
        int[] places = {0, cpus - 1};
        String[] programs = {one, other};
        for (int i = 0; i < 2; i++) {
            ThreadContext thread = new ThreadContext(i, program.position(programs[i]));
            thread.regs[LINE] = heap;
            thread.regs[OFFSET] = offsets[i];
            machine.cores[places[i]].enterUser(thread, 1000);
        }
        machine.run(400_000);
        long transfers = 0;
        long falseSharing = 0;
        for (Core core : machine.cores) {
            transfers += core.objectTransfers;
            falseSharing += core.falseSharingTransfers;
        }
        assertThat(transfers).isGreaterThan(100);
        return new Counts(transfers, falseSharing);
    }

    private static void assertAll(Counts counts) {
        assertThat(counts.falseSharing).isBetween(counts.transfers - UNKNOWN, counts.transfers - UNKNOWN / 2);
    }

    private static void assertNone(Counts counts) {
        assertThat(counts.falseSharing).isZero();
    }

    @ParameterizedTest
    @MethodSource("machines")
    void eachItsOwnWord(String profile, int cpus, Engine engine) {
        assertAll(run(profile, cpus, engine, "writes", "writes", 0, 8));
        assertAll(run(profile, cpus, engine, "adds", "adds", 48, 56));
        assertAll(run(profile, cpus, engine, "exchanges", "adds", 16, 0));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void bothTheSameWord(String profile, int cpus, Engine engine) {
        assertNone(run(profile, cpus, engine, "writes", "writes", 8, 8));
        assertNone(run(profile, cpus, engine, "adds", "adds", 56, 56));
        assertNone(run(profile, cpus, engine, "exchanges", "adds", 0, 0));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void whoReadsWhatTheOtherWritesGetsNews(String profile, int cpus, Engine engine) {
        assertNone(run(profile, cpus, engine, "reads", "writes", 24, 24));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void whoReadsAnotherWordThanTheOtherWritesGetsNone(String profile, int cpus, Engine engine) {
        assertAll(run(profile, cpus, engine, "writes", "reads", 24, 32));
    }

    /** The words of different lines have nothing to do with each other. */
    @Test
    void aLineThatRestedForLongIsNotJudged() {
        WordSharing words = new WordSharing(2);
        words.grow(64);
        long mine = 0x400;
        long others = 0x408;
        assertThat(turn(words, 0, mine, 1, Long.MAX_VALUE)).isFalse();
        assertThat(turn(words, 1, others, 0, 100)).isFalse();
        assertThat(turn(words, 0, mine, 1, 100)).isTrue();
        assertThat(turn(words, 1, others, 0, WordSharing.KNOWN_CYCLES - 1)).isTrue();
        assertThat(turn(words, 0, mine, 1, WordSharing.KNOWN_CYCLES)).isFalse();
        assertThat(turn(words, 1, others, 0, 100)).isTrue();
    }

    /** A line that went for want of room and that nobody has written since is no false sharing. */
    @Test
    void withoutAWriteThereIsNoFalseSharing() {
        WordSharing words = new WordSharing(2);
        words.grow(64);
        for (int i = 0; i < 10; i++) {
            int core = i & 1;
            assertThat(words.transfer(core, 0x400, false, 1 - core, 100)).isFalse();
            words.came(core, 0x400, false);
        }
    }

    private static boolean turn(WordSharing words, int core, long address, int from, long rested) {
        boolean isFalse = words.transfer(core, address, true, from, rested);
        words.came(core, address, true);
        return isFalse;
    }

    /** The kernel, which may write any word of a line, leaves it as if it had written all of them, one by one. */
    @Test
    void whatTheKernelTakesIsAsIfEachWordWereWritten() {
        int lines = 4;
        WordSharing whole = new WordSharing(4);
        WordSharing words = new WordSharing(4);
        whole.grow(lines);
        words.grow(lines);
        Random random = new Random(7);
        int sharing = 0;
        for (int step = 0; step < 20_000; step++) {
            int core = random.nextInt(4);
            long line = random.nextInt(lines);
            long address = (line << 6) + 8 * random.nextInt(8);
            boolean write = random.nextBoolean();
            switch (random.nextInt(4)) {
                case 0 -> {
                    whole.taken(core, line, write);
                    for (int word = 0; word < 8; word++) {
                        words.came(core, (line << 6) + 8 * word, write);
                    }
                }
                case 1 -> {
                    whole.wrote(core, address);
                    words.wrote(core, address);
                }
                default -> {
                    int from = random.nextInt(4) - 1;
                    long rested = random.nextInt(10) == 0 ? WordSharing.KNOWN_CYCLES : 100;
                    boolean isFalse = whole.transfer(core, address, write, from, rested);
                    assertThat(words.transfer(core, address, write, from, rested))
                            .isEqualTo(isFalse);
                    whole.came(core, address, write);
                    words.came(core, address, write);
                    sharing += isFalse ? 1 : 0;
                }
            }
        }
        assertThat(sharing).isBetween(1000, 9000);
    }
}
