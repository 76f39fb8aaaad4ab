package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.TransactionStatus;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hardware transaction takes place as a whole or not at all, and says why not. */
class TransactionTest {
    private static final MachineProfile HASWELL =
            ProfileReader.shipped("i7-4770-4").withCpus(1);
    private static final int DATA = Reg.W0;
    private static final int STATUS = Reg.T9;
    private static final long UNTOUCHED = 4711;
    private static final int L1_SET_STRIDE = 4096;
    private static final int L1_WAYS = 8;
    /** More than the sets of the second cache that are a set of the first one hold. */
    private static final int LINES = 8 * 8 + 1;

    /** A core that ran one transaction and came to the end, or behind the place where it goes on undone. */
    private static final class One implements Supervisor {
        final Machine machine;
        final long data;
        int interrupts;
        int positionOfInterrupt;

        /** @param inside what the transaction does; T0 is 7 before, and the words of DATA are 0 */
        One(MachineProfile profile, Consumer<Assembler> inside) {
            Layout layout = new Layout(0);
            data = layout.reserve((long) LINES * L1_SET_STRIDE, L1_SET_STRIDE);
            Assembler a = new Assembler();
            Assembler.Label undone = a.label("undone");
            Assembler.Label end = a.label();
            a.place(a.label("main"));
            a.li(Reg.T0, 7);
            a.li(STATUS, UNTOUCHED);
            a.xbegin(STATUS, undone);
            inside.accept(a);
            a.xend();
            a.place(end);
            a.place(a.label("end"));
            a.jmp(end);
            a.place(undone);
            a.jmp(undone);
            Program program = a.link();
            machine = new Machine(profile, program, layout, this, (core, kind, n, value, cycle) -> false, 0);
            ThreadContext thread = new ThreadContext(0, program.position("main"));
            thread.regs[DATA] = data;
            machine.cores[0].enterUser(thread, 0);
        }

        One run() {
            machine.run(20_000);
            return this;
        }

        long register(int register) {
            return machine.cores[0].thread.regs[register];
        }

        boolean committed() {
            assertThat(machine.cores[0].transaction.active()).isFalse();
            boolean committed = machine.cores[0].thread.pc == machine.program.position("end");
            assertThat(committed ? -1 : machine.cores[0].thread.pc)
                    .isEqualTo(committed ? -1 : machine.program.position("undone"));
            assertThat(register(STATUS) == UNTOUCHED).isEqualTo(committed);
            return committed;
        }

        void isAsBefore() {
            assertThat(committed()).isFalse();
            assertThat(register(Reg.T0)).isEqualTo(7);
            for (long address = data; address < data + (long) LINES * L1_SET_STRIDE; address += 8) {
                assertThat(machine.memory.read64(address)).isZero();
            }
        }

        @Override
        public void interrupt(Core core) {
            interrupts++;
            positionOfInterrupt = core.thread.pc;
            core.interruptAt = Long.MAX_VALUE;
            core.enterUser(core.thread, core.retireCycle() + 100);
        }

        @Override
        public void syscall(Core core, int number) {
            throw new IllegalStateException("system call " + number);
        }

        @Override
        public long host(Core core, int number) {
            throw new IllegalStateException("host call " + number);
        }

        @Override
        public void wildAccess(Core core, long address) {
            throw new IllegalStateException("wild access");
        }

        @Override
        public void idle(Core core) {
            throw new IllegalStateException("idle");
        }
    }

    private static void stores(Assembler a) {
        a.st64(DATA, 0, Reg.T0);
        a.addi(Reg.T0, Reg.T0, 1);
        a.st32(DATA, 64, Reg.T0);
        a.st64(DATA, 0, Reg.T0);
        a.xchg(Reg.T0, DATA, 128, Reg.T0);
        a.xadd(Reg.T0, DATA, 128, Reg.T0);
    }

    @Test
    void whatIsCommittedIsThere() {
        One one = new One(HASWELL, TransactionTest::stores).run();
        assertThat(one.committed()).isTrue();
        assertThat(one.machine.memory.read64(one.data)).isEqualTo(8);
        assertThat(one.machine.memory.read64(one.data + 64)).isEqualTo(8);
        assertThat(one.machine.cores[0].transactions()).isEqualTo(1);
    }

    @Test
    void whatTheProgramUndoesIsAsBeforeAndTheReasonIsThere() {
        One one = new One(HASWELL, a -> {
            stores(a);
            a.xabort(9);
        });
        one.run().isAsBefore();
        assertThat(one.register(STATUS)).isEqualTo(TransactionStatus.explicit(9));
        assertThat(TransactionStatus.reason(one.register(STATUS))).isEqualTo(9);
        assertThat(one.machine.cores[0].transactionAborts(TransactionAbort.EXPLICIT))
                .isEqualTo(1);
    }

    @Test
    void noTransactionHoldsACallAPauseOrAFault() {
        Consumer<Assembler> call = a -> a.syscall(HostCall.SYS_GETPPID);
        Consumer<Assembler> host = a -> a.host(HostCall.HOST_GETCPU);
        Consumer<Assembler> wild = a -> a.ld64(Reg.T1, Reg.ZERO, 8);
        Consumer<Assembler> wildStore = a -> a.st64(Reg.ZERO, 8, Reg.T0);
        Consumer<Assembler> wildLock = a -> a.xchg(Reg.T1, Reg.ZERO, 8, Reg.T0);
        Consumer<Assembler> deep = a -> {
            for (int i = 0; i < Transaction.MOST_NESTED; i++) {
                a.xbegin(STATUS, a.label("undone"));
            }
        };
        for (Consumer<Assembler> bad : List.of(call, host, Assembler::pause, wild, wildStore, wildLock, deep)) {
            One one = new One(HASWELL, a -> {
                stores(a);
                bad.accept(a);
            });
            one.run().isAsBefore();
            assertThat(one.register(STATUS)).isEqualTo(bad == deep ? TransactionStatus.NESTED : 0);
            assertThat(one.machine.cores[0].transactionAborts(TransactionAbort.INSTRUCTION))
                    .isEqualTo(1);
        }
    }

    /** At every micro-operation, the first to the last before XEND; the kernel sees where the program goes on. */
    @Test
    void anInterruptAnywhereUndoesIt() {
        One whole = new One(HASWELL, TransactionTest::stores).run();
        int length = 6;
        for (int after = 0; after <= length + 1; after++) {
            One one = new One(HASWELL, TransactionTest::stores);
            Core core = one.machine.cores[0];
            core.forceIn = 3 + after; // behind XBEGIN and so many more
            one.run();
            assertThat(one.interrupts).isEqualTo(1);
            if (after == length + 1) {
                assertThat(one.committed()).isTrue();
                assertThat(one.machine.memory.words).isEqualTo(whole.machine.memory.words);
                continue;
            }
            one.isAsBefore();
            assertThat(one.positionOfInterrupt).isEqualTo(one.machine.program.position("undone"));
            assertThat(one.register(STATUS)).isZero();
            assertThat(core.transactionAborts(TransactionAbort.INTERRUPT)).isEqualTo(1);
        }
    }

    @Test
    void moreLinesOfASetThanTheFirstCacheHoldsCanBeReadButNotWritten() {
        for (int lines = L1_WAYS - 1; lines <= L1_WAYS + 1; lines++) {
            int count = lines;
            One writer = new One(HASWELL, a -> {
                for (int i = 0; i < count; i++) {
                    a.st64(DATA, i * L1_SET_STRIDE, Reg.T0);
                }
            });
            One reader = new One(HASWELL, a -> {
                for (int i = 0; i < count; i++) {
                    a.ld64(Reg.T1, DATA, i * L1_SET_STRIDE);
                }
            });
            assertThat(reader.run().committed()).isTrue();
            assertThat(writer.run().committed()).isEqualTo(lines <= L1_WAYS);
            if (lines > L1_WAYS) {
                writer.isAsBefore();
                assertThat(writer.register(STATUS)).isEqualTo(TransactionStatus.CAPACITY);
            }
        }
    }

    @Test
    void whatHasLeftTheSecondCacheCannotBeWatchedAnyMore() {
        One one = new One(HASWELL, a -> {
            for (int i = 0; i < LINES; i++) {
                a.ld64(Reg.T1, DATA, i * L1_SET_STRIDE);
            }
        });
        assertThat(one.run().committed()).isFalse();
        assertThat(one.register(STATUS)).isEqualTo(TransactionStatus.CAPACITY);
    }

    @Test
    void whatIsNestedCommitsWithTheOuterOneAndIsUndoneWithIt() {
        Consumer<Assembler> inner = a -> {
            a.xbegin(STATUS, a.label("nowhere"));
            stores(a);
            a.xend();
        };
        Consumer<Assembler> nowhere = a -> a.place(a.label("nowhere"));
        One committed = new One(HASWELL, inner.andThen(nowhere)).run();
        assertThat(committed.committed()).isTrue();
        One outside = new One(HASWELL, inner.andThen(a -> a.xabort(1)).andThen(nowhere));
        outside.run().isAsBefore();
        assertThat(outside.register(STATUS)).isEqualTo(TransactionStatus.explicit(1));
        One inside = new One(HASWELL, a -> {
            a.xbegin(STATUS, a.label("nowhere"));
            stores(a);
            a.xabort(1);
            a.xend();
            a.place(a.label("nowhere"));
        });
        inside.run().isAsBefore();
        assertThat(inside.register(STATUS)).isEqualTo(TransactionStatus.explicit(1) | TransactionStatus.NESTED);
    }

    @Test
    void whatTheHostWritesUndoesIt() {
        One one = new One(HASWELL, a -> {
            a.ld64(Reg.T1, DATA, 0);
            a.work(10_000);
            a.st64(DATA, 64, Reg.T0);
        });
        one.machine.run(1_000);
        one.machine.hostWrite(one.data + 8, 0);
        one.run().isAsBefore();
        assertThat(one.register(STATUS)).isEqualTo(TransactionStatus.CONFLICT | TransactionStatus.RETRY);
    }

    @Test
    void itIsAnErrorWhereThereAreNone() {
        MachineProfile none = ProfileReader.shipped("zen4-vm-2").withCpus(1);
        assertThat(none.offersTransactions()).isFalse();
        assertThatThrownBy(() -> new One(none, a -> {}).run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("zen4-vm-2");
        assertThatThrownBy(() -> new One(HASWELL, Assembler::xend).run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("outside");
        One nothing = new One(HASWELL, a -> {
            a.xend();
            a.xabort(3);
            a.xbegin(STATUS, a.label("undone"));
        });
        assertThat(nothing.run().committed()).isTrue();
    }

    /** The figures that the profile's costs are from: 12.2 ns for one with nothing in it, 49.5 for one undone. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itTakesWhatTheProfileSays(boolean undone) {
        Assembler a = new Assembler();
        a.place(a.label("main"));
        a.xbegin(STATUS, a.label("main"));
        if (undone) {
            a.xabort(1);
        }
        a.xend();
        a.jmp(a.label("main"));
        Program program = a.link();
        Machine machine = new Machine(HASWELL, program, new Layout(0), null, (core, kind, n, value, cycle) -> false, 0);
        machine.cores[0].enterUser(new ThreadContext(0, program.position("main")), 0);
        long cycles = 100_000;
        machine.run(cycles);
        double expected = HASWELL.cost("core.tx_begin") + HASWELL.cost(undone ? "core.tx_abort" : "core.tx_end");
        assertThat((double) cycles / machine.cores[0].transactions()).isCloseTo(expected, within(2.0));
    }
}
