package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Batches;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Frame;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import java.util.List;

/**
 * A capped list per CPU behind a lock of its own, tried without waiting: the own CPU's first, then the other CPUs' in
 * order, then PAUSE, a yield every 64 rounds, and the CPU is read again. Test, then exchange; unlock is a plain store;
 * lock and head share a line. Tiers: 0 the own CPU's list; 1 refill or flush; 2 the own CPU's list was locked, or the
 * pool's mutex was.
 */
final class PercpuLock implements AllocatorStrategy {
    @Override
    public String id() {
        return "percpu-lock";
    }

    @Override
    public String summary() {
        return "list per CPU, try-lock, foreign blocks stay where they are freed";
    }

    @Override
    public String source() {
        return "SuperMalloc's per-CPU caches; test-and-test-and-set of Rudolph and Segall (1984)";
    }

    @Override
    public List<Parameter> parameters() {
        return Parameters.CAPPED;
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return instance(settings, context);
    }

    /** Also the fallback of {@code rseq-freelist}; the settings must hold those of {@link Parameters#CAPPED}. */
    static StrategyInstance instance(Settings settings, StrategyContext context) {
        return new Instance(settings, context);
    }

    private static final class Instance extends Common {
        private static final int ROUNDS_PER_YIELD = 64;

        private static final int CPU = Reg.T0;
        private static final int LEFT = Reg.T1;
        private static final int LIST = Reg.T2;
        private static final int NODE = Reg.T3;
        private static final int DEPTH = Reg.T4;
        private static final int CAP = Reg.T5;
        private static final int LOCK = Reg.T6;
        private static final int ROUND = Reg.T7;
        private static final int ONE = Reg.A1;
        private static final int COUNT = Reg.A2;

        private final PerCpuArea lists;
        private final ClassTable cap;
        private final ClassTable refill;
        private final ClassTable flush;
        private Assembler.Label lockAnother;

        Instance(Settings settings, StrategyContext context) {
            super(context, 0);
            lists = new PerCpuArea(context.layout(), context.cpus(), classes);
            cap = Parameters.cap(settings, context, classes);
            refill = Parameters.refill(settings, context, classes);
            flush = Parameters.flush(settings, context, classes);
        }

        @Override
        void prepare(Assembler a, Cold cold, FutexMutex mutex) {
            lockAnother = a.label();
            emitLockAnother(a);
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            Assembler.Label empty = a.label();
            Frame.save(a, 1);
            Frame.copies(a, 4);
            pop(a, cold, true, empty);
            Frame.restore(a, 1);
            end(a, Mark.MALLOC);
            a.place(empty);
            Batches.refill(a, pool, refill, (as, refused) -> push(as, cold, false, refused));
            end(a, Mark.MALLOC);
        }

        @Override
        void free(Assembler a, Cold cold) {
            Assembler.Label full = a.label();
            Frame.save(a, 2);
            Frame.copies(a, 5);
            push(a, cold, true, full);
            Frame.restore(a, 2);
            end(a, Mark.FREE);
            a.place(full);
            Batches.flush(a, pool, flush, (as, dry) -> pop(as, cold, false, dry));
            end(a, Mark.FREE);
        }

        private void pop(Assembler a, Cold cold, boolean padded, Assembler.Label empty) {
            Assembler.Label none = a.label();
            lock(a, cold);
            a.ld64(Reg.A0, LIST, PerCpuArea.HEAD);
            a.beqz(Reg.A0, none);
            a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
            pad.load(a, LEFT, padded);
            pad.spend(a, LEFT);
            a.st64(LIST, PerCpuArea.HEAD, NODE);
            a.st64(LIST, PerCpuArea.SECOND, Reg.ZERO);
            cold.later(() -> unlockAndGo(a, none, empty));
        }

        private void push(Assembler a, Cold cold, boolean padded, Assembler.Label full) {
            Assembler.Label first = a.label();
            Assembler.Label refused = a.label();
            lock(a, cold);
            a.li(DEPTH, 0);
            cap.load(a, CAP);
            a.ld64(NODE, LIST, PerCpuArea.HEAD);
            a.beqz(NODE, first);
            a.ld64(DEPTH, NODE, NodeLayout.DEPTH);
            a.place(first);
            a.bge(DEPTH, CAP, refused);
            a.st64(Reg.A0, NodeLayout.NEXT, NODE);
            a.addi(DEPTH, DEPTH, 1);
            a.st64(Reg.A0, NodeLayout.DEPTH, DEPTH);
            pad.load(a, LEFT, padded);
            pad.spend(a, LEFT);
            a.st64(LIST, PerCpuArea.HEAD, Reg.A0);
            a.st64(LIST, PerCpuArea.SECOND, Reg.ZERO);
            cold.later(() -> unlockAndGo(a, refused, full));
        }

        private static void unlockAndGo(Assembler a, Assembler.Label here, Assembler.Label then) {
            a.place(here);
            a.st64(LIST, PerCpuArea.SECOND, Reg.ZERO);
            a.jmp(then);
        }

        /** LIST = a list, locked: in nine micro-operations that of this CPU. */
        private void lock(Assembler a, Cold cold) {
            Assembler.Label busy = a.label();
            Assembler.Label locked = a.label();
            currentCpu(a, CPU);
            lists.address(a, LIST, CPU, LOCK);
            tryLock(a, busy);
            a.place(locked);
            cold.later(() -> {
                a.place(busy);
                a.call(lockAnother, Reg.LINK2);
                a.jmp(locked);
            });
        }

        /** Locks LIST or leaves: load, branch, one, exchange, branch. */
        private static void tryLock(Assembler a, Assembler.Label busy) {
            a.ld32(LOCK, LIST, PerCpuArea.SECOND);
            a.bnez(LOCK, busy);
            a.li(ONE, 1);
            a.xchg(LOCK, LIST, PerCpuArea.SECOND, ONE);
            a.bnez(LOCK, busy);
        }

        /** Subroutine, link LINK2: CPU's list was locked; ends with LIST locked. A0 is kept. */
        private void emitLockAnother(Assembler a) {
            Assembler.Label locked = a.label();
            Assembler.Label round = a.label();
            Assembler.Label other = a.label();
            Assembler.Label wrapped = a.label();
            Assembler.Label rest = a.label();
            Assembler.Label reread = a.label();
            a.place(lockAnother);
            a.li(ONE, 1);
            a.mark(Mark.COUNT, Mark.COUNT_CONTENDED_LOCKS, ONE);
            a.mark(Mark.TIER, 2);
            a.li(ROUND, ROUNDS_PER_YIELD);
            a.place(round);
            a.li(COUNT, context.cpus());
            a.place(other);
            a.addi(COUNT, COUNT, -1);
            a.beqz(COUNT, rest);
            a.addi(CPU, CPU, 1);
            a.li(LOCK, context.cpus());
            a.bne(CPU, LOCK, wrapped);
            a.li(CPU, 0);
            a.place(wrapped);
            lists.address(a, LIST, CPU, LOCK);
            tryLock(a, other);
            a.place(locked);
            a.ret(Reg.LINK2);

            a.place(rest);
            a.pause();
            a.addi(ROUND, ROUND, -1);
            a.bnez(ROUND, reread);
            a.mov(ROUND, Reg.A0);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            a.mov(Reg.A0, ROUND);
            a.li(ROUND, ROUNDS_PER_YIELD);
            a.place(reread);
            currentCpu(a, CPU);
            lists.address(a, LIST, CPU, LOCK);
            tryLock(a, round);
            a.jmp(locked);
        }

        @Override
        void audit(Audit audit) {
            audit.listsWithDepth(lists, context.cpus(), Place::cpu);
        }
    }
}
