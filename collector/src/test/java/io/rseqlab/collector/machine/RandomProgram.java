package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** An endless loop of random micro-operations on a machine with odd numbers, and all there is to see of its state. */
final class RandomProgram {
    private static final int REGISTERS = 8;
    private static final int DATA_BYTES = 2048;

    private final Random random;
    private final Map<String, Double> costs;
    private final int cpus;
    private final Layout layout = new Layout(0);
    private final long shared = layout.reserve(DATA_BYTES, 64);
    private final long own;
    private final Program program;
    private final boolean transactions;

    RandomProgram(long seed) {
        this(seed, false);
    }

    /** @param transactions whether there are some in the program */
    RandomProgram(long seed, boolean transactions) {
        this.transactions = transactions;
        random = new Random(seed);
        cpus = 1 + random.nextInt(3);
        own = layout.reserve((long) DATA_BYTES * cpus, 64);
        costs = new HashMap<>(ProfileReader.shipped("generic-64").costs());
        choose("core.window", 8, 16, 64, 256);
        choose("core.store_buffer", 2, 4, 64);
        choose("core.retire_width", 1, 3, 8);
        choose("core.dispatch_width", 2, 6, 8);
        choose("core.taken_branches_per_cycle", 0.5, 1, 2, 4);
        choose("core.taken_branch_bubble", 0, 0.25, 0.5, 1);
        choose("core.store_done", 1, 4);
        choose("core.store_forward", 0, 4.5);
        choose("core.store_forward_done", 1, 4.5, 8.8);
        choose("core.store_forward_predicted", 0, 1);
        choose("core.store_forward_old", 0, 2, 6);
        choose("core.store_forward_at_dispatch", 0, 1);
        choose("core.store_forward_needs_line", 0, 1);
        choose("core.ordering_clear", 0, 1);
        choose("core.max_predicted_trip", 3, 128);
        choose("core.locked_drains", 0, 1);
        choose("core.locked_oldest", 0, 1);
        choose("core.locked_behind_loads", 0, 1);
        choose("core.compare_at_end", 0, 1);
        choose("core.locked_goes_on", 0, 1);
        choose("core.stores_unseen", 0, 1);
        choose("core.waiting_loads", 0, 1, 2, 46);
        choose("core.stores_per_cycle", 1, 2);
        choose("core.store_leaves", 1, 7);
        choose("core.exchange", 8, 17);
        choose("core.stumble_turn", 5, 1e6);
        choose("transfer.stays", 0.1, 0.5);
        choose("transfer.stays_same_l3", 0.2, 0.5);
        choose("transfer.fought_for_same_l3", 0, 0.4);
        choose("core.registers", 0, 8, 100);
        choose("core.locked_registers", 1, 4);
        choose("core.locked_128_registers", 1, 9);
        choose("core.taken_in_flight", 4, 92);
        choose("core.locked_dispatch", 0, 2.1);
        choose("core.locked_128_dispatch", 0, 7.4);
        choose("core.neighbour_lines", 0, 1);
        if (transactions) {
            choose("core.tx_begin", 1, 16);
            choose("core.tx_end", 1, 24);
            choose("core.tx_abort", 3, 150);
            choose("transfer.migratory", 0, 1);
        }
        program = write();
    }

    private void choose(String key, double... values) {
        costs.put(key, values[random.nextInt(values.length)]);
    }

    private Program write() {
        Assembler a = new Assembler();
        Assembler.Label routine = a.label();
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        int parts = 3 + random.nextInt(12);
        for (int part = 0; part < parts; part++) {
            part(a, routine);
        }
        a.jmp(again);
        a.place(routine);
        straight(a, 1 + random.nextInt(6));
        a.ret(Reg.LINK);
        return a.link();
    }

    private void part(Assembler a, Assembler.Label routine) {
        switch (random.nextInt(transactions ? 14 : 11)) {
            case 11, 12, 13 -> transaction(a);
            case 10 -> afterAChain(a);
            case 0 -> a.call(routine, Reg.LINK);
            case 1 -> turns(a, 1 + random.nextInt(400), 0);
            case 2 -> turns(a, 1 + random.nextInt(5), 1 + random.nextInt(4));
            case 3 -> {
                Assembler.Label over = a.label();
                a.andi(register(), register(), 3);
                a.blt(register(), register(), over);
                straight(a, 1 + random.nextInt(4));
                a.place(over);
            }
            case 4 -> rare(a);
            case 5 -> a.mark(random.nextInt(3), random.nextInt(5), register());
            default -> straight(a, 2 + random.nextInt(14));
        }
    }

    /**
     * A chain that fills the window, and turns of a loop that waits for it: the window holds dispatch back unevenly.
     */
    private void afterAChain(Assembler a) {
        int links = 4 + random.nextInt(60);
        for (int i = 0; i < links; i++) {
            a.mul(Reg.T0, Reg.T0, Reg.ZERO);
        }
        int behind = random.nextInt(30);
        for (int i = 0; i < behind; i++) {
            a.mov(Reg.T1, Reg.W1);
        }
        a.addi(Reg.W0, Reg.T0, 8 + random.nextInt(40));
        Assembler.Label turn = a.here();
        a.djnz(Reg.W0, turn);
    }

    /** Goes on behind it, committed or undone. */
    private void transaction(Assembler a) {
        Assembler.Label undone = a.label();
        a.xbegin(register(), undone);
        straight(a, 1 + random.nextInt(8));
        switch (random.nextInt(8)) {
            case 0 -> rare(a);
            case 1 -> turns(a, 1 + random.nextInt(20), 1);
            case 2 -> {
                Assembler.Label well = a.label();
                a.blt(register(), register(), well);
                a.xabort(random.nextInt(256));
                a.place(well);
            }
            case 3 -> {
                a.xbegin(register(), undone);
                straight(a, 3);
                a.xend();
            }
            default -> a.st64(Reg.W1, 8 * random.nextInt(40), register());
        }
        a.xend();
        a.place(undone);
    }

    private void turns(Assembler a, int count, int body) {
        int counter = Reg.W0;
        a.li(counter, count);
        Assembler.Label turn = a.here();
        straight(a, body);
        a.djnz(counter, turn);
    }

    private void rare(Assembler a) {
        long address = shared + 8L * random.nextInt(32);
        switch (random.nextInt(5)) {
            case 0 -> a.xadd(register(), Reg.ZERO, (int) address, register());
            case 1 -> a.cas64(register(), Reg.ZERO, (int) address, register(), register());
            case 2 -> a.fence();
            case 3 -> a.pause();
            default -> a.syscall(HostCall.SYS_GETPPID);
        }
    }

    private void straight(Assembler a, int count) {
        for (int i = 0; i < count; i++) {
            switch (random.nextInt(12)) {
                case 0 -> a.li(register(), random.nextInt(100_000));
                case 1 -> a.mov(register(), register());
                case 2 -> a.addi(register(), register(), random.nextInt(9) - 4);
                case 3 -> a.mul(register(), register(), register());
                case 4 -> a.shri(register(), register(), random.nextInt(9));
                case 5 -> a.xor(register(), register(), register());
                case 6, 7, 8 -> load(a);
                case 9, 10 -> store(a);
                default -> a.sub(register(), register(), register());
            }
        }
    }

    private void load(Assembler a) {
        int base = random.nextInt(8) == 0 ? Reg.W1 : Reg.W2;
        int offset = random.nextInt(40) * 8;
        switch (random.nextInt(4)) {
            case 0 -> a.ld32(register(), base, offset + 4);
            case 1 -> a.ld16(register(), base, offset + 2);
            default -> a.ld64(register(), base, offset);
        }
    }

    private void store(Assembler a) {
        int base = random.nextInt(10) == 0 ? Reg.W1 : Reg.W2;
        int offset = random.nextInt(40) * 8;
        switch (random.nextInt(4)) {
            case 0 -> a.st32(base, offset, register());
            case 1 -> a.st16(base, offset + 6, register());
            default -> a.st64(base, offset, register());
        }
    }

    private int register() {
        return Reg.A0 + random.nextInt(REGISTERS);
    }

    /** Everything a run leaves, after each of some stretches of time. */
    long[] run(Engine engine, int stretches, long cycles, long slack) {
        MachineProfile shipped = ProfileReader.shipped("generic-64");
        MachineProfile profile = new MachineProfile(
                "odd", shipped.clockHz(), cpus, 2, shipped.clustersPerSocket(), Map.copyOf(costs), shipped.facts());
        long[] seen = {1};
        Machine machine = new Machine(
                profile,
                program,
                layout,
                new Turnstile(),
                (core, kind, argument, value, cycle) -> {
                    seen[0] = seen[0] * 31 + (kind + 7L * argument) + value * 5 + cycle * 3 + core.id;
                    return false;
                },
                slack);
        machine.use(engine);
        for (Core core : machine.cores) {
            ThreadContext thread = new ThreadContext(core.id, program.position("main"));
            thread.regs[Reg.W1] = shared;
            thread.regs[Reg.W2] = own + (long) DATA_BYTES * core.id;
            core.enterUser(thread, 10L * core.id);
            core.interruptAt = 5_000 + core.id;
        }
        long[] states = new long[stretches];
        for (int i = 0; i < stretches; i++) {
            machine.run((i + 1) * cycles);
            states[i] = state(machine) * 31 + seen[0];
        }
        return states;
    }

    private static long state(Machine machine) {
        long hash = Arrays.hashCode(machine.exposureCycles);
        hash = hash * 31 + Arrays.hashCode(machine.memory.words);
        for (Core core : machine.cores) {
            long[] numbers = {
                core.dispatch,
                core.microOps,
                core.stores,
                core.entries,
                core.taken,
                core.retireCycle,
                core.retireCount,
                core.lastGap,
                core.takenAt,
                core.memoryDone,
                core.lockedDone,
                core.drain,
                core.fence,
                core.mispredicts,
                core.atomics,
                core.metadataTransfers,
                core.objectTransfers,
                core.falseSharingTransfers,
                core.userCycles,
                core.key,
                core.transactions(),
                core.transactionAborts(TransactionAbort.CONFLICT),
                core.transactionAborts(TransactionAbort.INTERRUPT),
                core.thread.pc,
                Arrays.hashCode(core.thread.regs),
                live(core.ring, core.entries, core.window),
                live(core.takenRing, core.taken, core.takenLimit),
                Arrays.hashCode(core.storeRing),
                Arrays.hashCode(core.ready),
                Arrays.hashCode(core.forwardAddress),
                Arrays.hashCode(core.forwardReady),
                Arrays.hashCode(core.forwardUntil),
                Arrays.hashCode(core.tripCount),
                Arrays.hashCode(core.bias),
                Arrays.hashCode(core.tripExpected),
                core.pendingUntil,
                core.waits,
                behindWrongPaths(core)
            };
            hash = hash * 31 + Arrays.hashCode(numbers);
        }
        return hash;
    }

    /** When lines would be asked for that are wanted next: it shows only where one misses so soon. */
    private static int behindWrongPaths(Core core) {
        long[] values = new long[WrongPath.CAPTURED];
        core.wrongPath.capture(values, 0, core.entries, core.taken, core.dispatch);
        return Arrays.hashCode(values);
    }

    /** What a ring says of those that the next ones may have to wait for. */
    private static int live(long[] ring, long next, int window) {
        int hash = 0;
        for (long i = next; i < next + window; i++) {
            hash = 31 * hash + Long.hashCode(ring[(int) i & (ring.length - 1)]);
        }
        return hash;
    }

    /** Takes every entry into the kernel and goes back some cycles later, with the next interrupt in sight. */
    private static final class Turnstile implements Supervisor {
        private long next = 1;

        private void back(Core core, long cost) {
            long cycle = core.retireCycle() + cost;
            next = next * 6364136223846793005L + 1442695040888963407L;
            core.enterUser(core.thread, cycle);
            core.interruptAt = cycle + 1 + (next >>> 40) % 9_000;
        }

        @Override
        public void interrupt(Core core) {
            back(core, core.retireCycle() % 3 == 0 ? 0 : 500);
        }

        @Override
        public void syscall(Core core, int number) {
            back(core, 100);
        }

        @Override
        public long host(Core core, int number) {
            return 0;
        }

        @Override
        public void wildAccess(Core core, long address) {
            throw new IllegalStateException("wild access at " + Long.toHexString(address));
        }

        @Override
        public void idle(Core core) {
            throw new IllegalStateException("no core is idle");
        }
    }
}
