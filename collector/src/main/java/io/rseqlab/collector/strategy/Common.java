package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.BlockClasses.Lookup;
import io.rseqlab.collector.strategy.block.CentralPool;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.Pad;
import io.rseqlab.collector.strategy.block.PrivateList;
import io.rseqlab.collector.strategy.block.SectionCall;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * What all strategies share: the central pool, padding, thread areas, and the frame of malloc and free with their
 * marks. A subclass writes what lies between.
 */
abstract class Common implements StrategyInstance {
    final StrategyContext context;
    final BlockClasses classes;
    final CentralPool pool;
    final Pad pad;
    final SectionCall call;
    final ThreadAreas threads;

    /** @param extra bytes of each thread's area behind {@link ThreadAreas#REST} */
    Common(StrategyContext context, long extra) {
        this(context, extra, Lookup.WHERE_SEVERAL);
    }

    /** The same of a strategy that looks up classes and blocks as real allocators do. */
    Common(StrategyContext context, long extra, Lookup lookup) {
        this.context = context;
        this.pad = new Pad(context.layout(), context.padTurns());
        this.call =
                new SectionCall(context.layout(), context.threads(), context.callEvery(), context.callSleepCycles());
        this.classes = new BlockClasses(context.layout(), context.sizes(), lookup);
        this.pool = new CentralPool(context.layout(), classes);
        this.threads = new ThreadAreas(context.layout(), context.threads(), extra, classes.count());
    }

    @Override
    public final void emit(Assembler a) {
        Cold cold = new Cold();
        FutexMutex mutex = new FutexMutex(a);
        pool.emit(a, mutex);
        prepare(a, cold, mutex);
        a.place(a.label("malloc"));
        a.mark(Mark.OP_BEGIN, Mark.MALLOC);
        classes.enterMalloc(a);
        malloc(a, cold);
        cold.place();
        a.place(a.label("free"));
        a.mark(Mark.OP_BEGIN, Mark.FREE);
        classes.enterFree(a);
        free(a, cold);
        cold.place();
        if (context.threadsEnd()) {
            a.place(a.label("thread_end"));
            threadEnd(a, cold);
            a.ret(Reg.LINK);
            cold.place();
        }
    }

    /** Called before malloc and free are written: the place for subroutines. */
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {}

    /** Writes malloc; every way through it ends with {@link #end}. */
    abstract void malloc(Assembler a, Cold cold);

    /** Writes free of the block in A0; every way through it ends with {@link #end}. */
    abstract void free(Assembler a, Cold cold);

    /**
     * Writes what is done when a thread ends. Nothing, unless a strategy says so: what it has by thread goes to the
     * thread that follows, and what it has by CPU belongs to no thread.
     */
    void threadEnd(Assembler a, Cold cold) {}

    /** End of malloc or free: mark and return. */
    static void end(Assembler a, int operation) {
        a.mark(Mark.OP_END, operation);
        a.ret(Reg.LINK);
    }

    @Override
    public final long threadBase(int thread) {
        return threads.of(thread);
    }

    @Override
    public final void audit(MemoryView memory, BlockVisitor visitor) {
        audit(new Audit(memory, visitor, pool, classes, ownBlocks(memory) + context.threads(), false));
    }

    @Override
    public final void census(MemoryView memory, BlockVisitor visitor) {
        audit(new Audit(memory, visitor, pool, classes, ownBlocks(memory) + context.threads(), true));
    }

    /** A strategy whose free finds the class otherwise than in the page map says so here. */
    @Override
    public int sizeClass(MemoryView memory, long block) {
        return classes.ofBlock(memory, block);
    }

    /** Visits the threads' own lists; with their depths, if they keep one. */
    final void locals(Audit audit, PrivateList list, boolean withDepth) {
        for (int thread = 0; thread < context.threads(); thread++) {
            for (int i = 0; i < classes.count(); i++) {
                long head = list.head(threads, thread, i);
                if (withDepth) {
                    audit.listWithDepth(head, Place.thread(thread));
                } else {
                    audit.list(head, Place.thread(thread));
                }
            }
        }
    }

    /** Blocks that do not come from the pool's spans, at most. */
    long ownBlocks(MemoryView memory) {
        return 0;
    }

    /** Visits every block outside the pool. */
    abstract void audit(Audit audit);
}
