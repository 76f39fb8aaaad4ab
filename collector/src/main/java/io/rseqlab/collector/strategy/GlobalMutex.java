package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Batches;
import io.rseqlab.collector.strategy.block.BusyLock;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Frame;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.WordLock;
import java.util.ArrayList;
import java.util.List;

/**
 * One uncapped list for all, behind one lock: the lower bound. The lock is a mutex of the C library, or one that is
 * spun for before a thread sleeps, or spun for only; the central pool's is a mutex in any case. Tiers: 0 got the lock
 * at once; 1 refill; 2 waited for a lock.
 */
final class GlobalMutex implements AllocatorStrategy {
    private static final String LOCK = "lock";
    private static final String MUTEX = "mutex";
    private static final String SPIN_FUTEX = "spin-futex";
    private static final String SPIN = "spin";
    private static final String SPINS = "spins";
    private static final int MOST_SPINS = 1_000_000;

    @Override
    public String id() {
        return "global-mutex";
    }

    @Override
    public String summary() {
        return "one list for all behind a lock: a futex mutex, or one that is spun for";
    }

    @Override
    public String source() {
        return "the textbook's; mutex and spin lock of glibc nptl, Abseil spinlock.cc";
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(Parameters.UNCAPPED);
        parameters.add(Parameter.choice(
                LOCK,
                List.of(MUTEX, SPIN_FUTEX, SPIN),
                "who finds it taken sleeps at once, as for a mutex of the C library; reads it some times and sleeps"
                        + " then, as Abseil has it; or reads it until it is free"));
        parameters.add(Parameter.count(
                SPINS, "reads", SpinLock.SPINS, 1, MOST_SPINS, "of a taken lock before a thread sleeps: spin-futex"));
        return List.copyOf(parameters);
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new Instance(settings, context);
    }

    private static final class Instance extends Common {
        private final long lock;
        private final long head;
        private final ClassTable refill;
        private final Settings settings;
        private WordLock mutex;

        Instance(Settings settings, StrategyContext context) {
            super(context, 0);
            this.settings = settings;
            refill = Parameters.uncappedRefill(settings, context, classes);
            lock = context.layout().reserve(2 * Layout.LINE, 2 * Layout.LINE);
            head = context.layout().reserve(Math.max(2 * Layout.LINE, 8L * classes.count()), 2 * Layout.LINE);
        }

        @Override
        void prepare(Assembler a, Cold cold, FutexMutex subroutines) {
            if (settings.chooses(LOCK, MUTEX)) {
                mutex = subroutines;
            } else if (settings.chooses(LOCK, SPIN)) {
                mutex = new BusyLock(a, cold);
            } else {
                mutex = new SpinLock(a, cold, (int) settings.count(SPINS));
            }
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            Assembler.Label empty = a.label();
            Frame.save(a, 3);
            Frame.copies(a, 2);
            mutex.lock(a, lock);
            loadHead(a, Reg.T0);
            a.beqz(Reg.T0, empty);
            a.ld64(Reg.T1, Reg.T0, NodeLayout.NEXT);
            pad.load(a, Reg.T2, true);
            pad.spend(a, Reg.T2);
            storeHead(a, Reg.T1);
            mutex.unlock(a, lock);
            a.mov(Reg.A0, Reg.T0);
            Frame.restore(a, 3);
            end(a, Mark.MALLOC);

            a.place(empty);
            mutex.unlock(a, lock);
            Batches.refill(a, pool, refill, (as, refused) -> push(as, false));
            end(a, Mark.MALLOC);
        }

        @Override
        void free(Assembler a, Cold cold) {
            Frame.save(a, 2);
            Frame.copies(a, 2);
            push(a, true);
            Frame.restore(a, 2);
            end(a, Mark.FREE);
        }

        /** Loads the head of the operation's class, at T3 where there are several. */
        private void loadHead(Assembler a, int rd) {
            if (classes.single()) {
                Static.load(a, rd, head);
                return;
            }
            classes.current(a, Reg.T3);
            a.shli(Reg.T3, Reg.T3, 3);
            a.ld64(rd, Reg.T3, Math.toIntExact(head));
        }

        private void storeHead(Assembler a, int value) {
            if (classes.single()) {
                Static.store(a, head, value);
            } else {
                a.st64(Reg.T3, Math.toIntExact(head), value);
            }
        }

        private void push(Assembler a, boolean padded) {
            a.mov(Reg.T0, Reg.A0);
            mutex.lock(a, lock);
            loadHead(a, Reg.T1);
            a.st64(Reg.T0, NodeLayout.NEXT, Reg.T1);
            pad.load(a, Reg.T2, padded);
            pad.spend(a, Reg.T2);
            storeHead(a, Reg.T0);
            mutex.unlock(a, lock);
        }

        @Override
        void audit(Audit audit) {
            for (int i = 0; i < classes.count(); i++) {
                audit.list(head + 8L * i, Place.pool("global list"));
            }
        }
    }
}
